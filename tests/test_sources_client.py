"""Servers that throttle, fail, cut off, lie and mislead: what is fetched is whole, or an error says why."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import http.server
import random
import threading
import time
import tracemalloc
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision_map.errors import DataError, UsageError
from provision_map.sources.addresses import Guard
from provision_map.sources.answers import read_json, write_json
from provision_map.sources.client import Client, NotFoundError
from provision_map.sources.download import download
from provision_map.sources.patience import AgainError, Limits, draw_wait, read_retry_after
from provision_map.sources.words import hide_secrets, say_plain
from public_server import PublicServer, Published

FILE = random.Random(1).randbytes(300_000)  # noqa: S311
LARGEST = 1_000_000
QUICK = Limits(first_wait=0.001, read_seconds=10, deadline_seconds=60, longest_retry_after=2)


@pytest.fixture
def server():
    files = {"/file.bin": FILE, "/answer.json": b'{"count": 7}'}
    with PublicServer(Published(files=files)) as started:
        yield started


def asking(server, limits=QUICK, said=None):
    guard = Guard(frozenset(), server.url)
    tell = (lambda _: None) if said is None else said.append
    return Client(guard, limits, tell, agent="provision-map/test", chance=random.Random(2))  # noqa: S311


def ask(server, limits=QUICK, said=None, path="/answer.json", largest=LARGEST):
    with asking(server, limits, said) as client:
        address = f"{server.url}{path}"
        return client.get(address, largest=largest, judge=lambda body, kind: read_json(body, kind, address))  # fmt: skip


def take(server, folder, limits=QUICK, said=None, largest=LARGEST):
    path = folder / "file.bin"
    with asking(server, limits, said) as client:
        download(client, f"{server.url}/file.bin", path, largest=largest)
    assert sorted(p.name for p in folder.iterdir()) == ["file.bin"]
    return path.read_bytes()


def ranges(server):
    return [headers.get("Range") for _, _, headers in server.log]


# ── throttled, and broken for a moment ───────────────────────────────────────


def test_it_names_itself(server):
    ask(server)
    assert server.log[0][2]["User-Agent"] == "provision-map/test"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_failure_passes(server, status):
    server.fail("/answer", "status", times=2, status=status)
    assert ask(server) == {"count": 7}
    assert len(server.log) == 3


def test_a_lasting_failure_is_said_after_so_many_attempts(server):
    server.fail("/answer", "status", times=99)
    with pytest.raises(UsageError, match=r"answers 500 \(Internal Server Error\)\. Tried 5 times"):
        ask(server)
    assert len(server.log) == 5


@pytest.mark.parametrize("status", [400, 401, 403, 405, 501])
def test_a_refusal_is_not_repeated(server, status):
    server.fail("/answer", "status", times=99, status=status, text="no\x1b[2J way\nhere")
    with pytest.raises(UsageError, match=rf"answers {status}.* It says: no \[2J way here\.$"):
        ask(server)
    assert len(server.log) == 1


def test_what_is_not_there_says_where_to_look(server):
    with pytest.raises(NotFoundError, match="address may have changed") as wrong:
        ask(server, path="/nothing")
    assert str(wrong.value).isprintable()


def test_retry_after_is_waited_for(server):
    server.fail("/answer", "status", status=429, headers={"Retry-After": "1"})
    began = time.monotonic()
    said: list[str] = []
    assert ask(server, said=said) == {"count": 7}
    assert 1 <= time.monotonic() - began < 5
    assert "answers 429 (Too Many Requests). Trying again in 1 s" in said[0]


def test_retry_after_as_a_date_is_waited_for(server):
    soon = format_datetime(dt.datetime.now(tz=dt.UTC) + dt.timedelta(seconds=2), usegmt=True)
    server.fail("/answer", "status", status=503, headers={"Retry-After": soon})
    began = time.monotonic()
    assert ask(server) == {"count": 7}
    assert 0.8 <= time.monotonic() - began < 5


def test_a_long_retry_after_is_told_and_the_server_left_alone(server):
    server.fail("/answer", "status", status=429, headers={"Retry-After": "3600"})
    began = time.monotonic()
    with pytest.raises(UsageError, match="asks for a wait of 3,600 s"):
        ask(server)
    assert time.monotonic() - began < 2
    assert len(server.log) == 1


@given(st.text())
def test_any_retry_after_is_a_wait_or_nothing(text):
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    wait = read_retry_after(text, lambda: now)
    assert wait is None or wait >= 0


@given(st.integers(1, 60), st.integers())
def test_waits_are_spread_and_bounded(attempt, seed):
    limits = Limits()
    wait = draw_wait(attempt, limits, random.Random(seed))  # noqa: S311
    assert 0 <= wait <= min(limits.longest_wait, 2.0 ** (attempt - 1))


def test_waits_grow_and_differ():
    chance = random.Random(3)  # noqa: S311
    drawn = [[draw_wait(n, Limits(), chance) for _ in range(400)] for n in (1, 2, 3, 4)]
    means = [sum(waits) / 400 for waits in drawn]
    assert [round(mean / 0.5) for mean in means] == [1, 2, 4, 8]
    assert len(set(drawn[0])) == 400


# ── cut off ──────────────────────────────────────────────────────────────────


def test_an_answer_that_is_cut_off_is_asked_for_again(server):
    server.fail("/answer", "cut", number=4)
    server.fail("/answer", "cut_chunked", number=4)
    assert ask(server) == {"count": 7}


def test_an_answer_that_is_always_cut_off_is_an_error_of_the_data(server):
    server.fail("/answer", "cut", number=4, times=99)
    with pytest.raises(DataError, match=r"cut off.*Tried 5 times"):
        ask(server)


def test_json_that_is_truncated_is_asked_for_again_and_then_an_error(server):
    server.fail("/answer", "truncate", number=4)
    assert ask(server) == {"count": 7}
    server.fail("/answer", "truncate", number=4, times=99)
    with pytest.raises(DataError, match="no JSON, or it is cut off"):
        ask(server)


def test_a_file_goes_on_where_it_was_cut(server, tmp_path):
    server.fail("/file", "cut", number=100_000)
    server.fail("/file", "cut", number=50_000)
    assert take(server, tmp_path) == FILE
    assert ranges(server) == [None, "bytes=100000-", "bytes=150000-"]


def test_a_file_starts_anew_where_the_server_knows_no_ranges(server, tmp_path):
    server.ranges = False
    server.fail("/file", "cut", number=100_000)
    assert take(server, tmp_path) == FILE


def test_a_file_starts_anew_when_it_is_another_by_now(server, tmp_path):
    server.fail("/file", "cut", number=100_000)
    with pytest.raises(DataError):
        take(server, tmp_path, Limits(attempts=1))
    server.etag = '"two"'
    server.published.files["/file.bin"] = other = FILE[::-1]
    assert take(server, tmp_path) == other
    assert ranges(server)[-1] == "bytes=100000-", "it was asked for, and the server gave all"


def test_a_file_that_is_another_by_now_is_noticed_though_the_server_does_not_care(server, tmp_path):
    server.fail("/file", "cut", number=100_000)
    with pytest.raises(DataError):
        take(server, tmp_path, Limits(attempts=1))
    server.etag, server.lies = '"two"', {"state"}
    server.published.files["/file.bin"] = other = FILE[::-1]
    assert take(server, tmp_path) == other
    assert ranges(server)[1:] == ["bytes=100000-", None]


def test_a_range_that_nobody_asked_for_is_refused(server):
    server.fail("/answer", "status", status=416)
    with pytest.raises(UsageError, match="answers 416"):
        ask(server)


def test_a_file_without_a_state_is_never_put_together_from_two(server, tmp_path):
    server.etag = 'W/"weak"'
    server.fail("/file", "cut", number=100_000)
    assert take(server, tmp_path) == FILE
    assert ranges(server) == [None, None]


def test_a_file_of_chunks_that_ends_early_is_noticed(server, tmp_path):
    server.fail("/file", "cut_chunked", number=100_000)
    assert take(server, tmp_path) == FILE


def test_a_part_that_is_longer_than_the_file_is_thrown_away(server, tmp_path):
    server.fail("/file", "cut", number=200_000)
    with pytest.raises(DataError):
        take(server, tmp_path, Limits(attempts=1))
    server.published.files["/file.bin"] = short = FILE[:1000]
    assert take(server, tmp_path) == short


def test_a_part_of_another_address_is_not_gone_on_with(server, tmp_path):
    server.fail("/file", "cut", number=200_000)
    with pytest.raises(DataError):
        take(server, tmp_path, Limits(attempts=1))
    server.published.files["/other.bin"] = FILE[::-1]
    with asking(server) as client:
        download(client, f"{server.url}/other.bin", tmp_path / "file.bin", largest=LARGEST)
    assert (tmp_path / "file.bin").read_bytes() == FILE[::-1]


# ── lengths that are a lie ───────────────────────────────────────────────────


def test_a_length_that_is_too_long_is_told(server, tmp_path):
    server.fail("/file", "length", number=5, times=1)
    server.ranges = False
    assert take(server, tmp_path) == FILE
    server.fail("/answer", "length", number=5, times=99)
    with pytest.raises(DataError, match=r"cut off: .*received 12 bytes, expected 17"):
        ask(server)


def test_a_length_that_is_too_short_is_told(server):
    server.fail("/answer", "length", number=-3, times=99)
    with pytest.raises(DataError, match="no JSON, or it is cut off"):
        ask(server)


def test_a_length_beyond_the_limit_is_refused_before_it_is_read(server, tmp_path):
    with pytest.raises(DataError, match="larger than 200 kB"):
        take(server, tmp_path, largest=200_000)
    assert len(server.log) == 1


def test_a_body_without_an_end_is_stopped(server, tmp_path):
    server.fail("/", "endless", times=9)
    with pytest.raises(DataError, match=r"larger than 1\.0 MB"):
        ask(server)
    with pytest.raises(DataError, match=r"larger than 1\.0 MB"):
        take(server, tmp_path)
    assert all(p.stat().st_size <= LARGEST for p in tmp_path.iterdir())


def test_a_slow_drip_is_given_up(server, tmp_path):
    server.fail("/", "drip", times=9)
    limits = Limits(read_seconds=2, deadline_seconds=0.5)
    began = time.monotonic()
    with pytest.raises(UsageError, match=r"took longer than 0\.5 s"):
        take(server, tmp_path, limits)
    assert time.monotonic() - began < 3


def test_a_server_that_says_nothing_is_given_up(server):
    server.fail("/answer", "hold", number=0, times=9)
    limits = Limits(attempts=2, first_wait=0.001, read_seconds=0.3)
    with pytest.raises(UsageError, match=r"Nothing came for 0\.3 s\. Tried 2 times"):
        ask(server, limits)


# ── packed ───────────────────────────────────────────────────────────────────


def test_packed_answers_are_unpacked(server):
    server.fail("/answer", "gzip")
    assert ask(server) == {"count": 7}


def test_a_packed_answer_that_is_cut_off_is_told(server):
    server.fail("/answer", "gzip", number=15)
    with pytest.raises(DataError, match="gzip and cut off"):
        ask(server)


def test_a_bomb_is_stopped_in_bounded_memory(server):
    server.fail("/answer", "bomb", number=200)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"larger than 1\.0 MB"):
            ask(server)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_an_unknown_packing_is_told(server):
    server.published.files["/answer.json"] = gzip.compress(b"{}")
    server.fail("/answer", "status", status=200, headers={"Content-Encoding": "zstd"}, text="x")
    with pytest.raises(DataError, match="packed as 'zstd'"):
        ask(server)


# ── led astray ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("http://other.example/x", "not encrypted"),
        ("https://other.example/x", "not a host of this source"),
        ("file:///etc/passwd", "no address of the web"),
        ("gopher://127.0.0.1/x", "no address of the web"),
        ("http://169.254.169.254/latest/meta-data", "not encrypted"),
        ("//evil.example/x", "not encrypted"),
        ("http://127.0.0.1:1/x", "not encrypted"),
        ("http://[::1", "no address of the web"),
        ("", "again and again"),
    ],
)
def test_a_redirect_elsewhere_is_refused(server, target, said):
    server.fail("/answer", "redirect", text=target, times=99)
    with pytest.raises(UsageError, match=said):
        ask(server)


def test_a_redirect_that_stays_is_followed(server):
    server.fail("/old", "redirect", text="/answer.json")
    assert ask(server, path="/old") == {"count": 7}


def test_a_redirect_in_a_circle_ends(server):
    server.fail("/a", "redirect", text="/b", times=99)
    server.fail("/b", "redirect", text="/a", times=99)
    with pytest.raises(UsageError, match="again and again"):
        ask(server, path="/a")
    assert len(server.log) == QUICK.redirects + 1


def test_a_query_sent_as_a_form_is_not_redirected(server):
    server.fail("/answer", "redirect", text="/old")
    with asking(server) as client, pytest.raises(UsageError, match="redirects a query"):
        client.get(f"{server.url}/answer.json", {"x": "y" * 3000}, largest=9, judge=lambda *_: None)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0.0.0.0",  # noqa: S104
 "10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1"])  # fmt: skip
def test_a_catalogue_cannot_lead_into_a_private_network(host, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    address = f"https://[{host}]/x" if ":" in host else f"https://{host}/x"
    with pytest.raises(UsageError, match="no public address"):
        Guard([host]).check(address)
    Guard([], address).check(address)


@pytest.mark.parametrize("address", ["https://a.example@b.example/", "https://a.example:8443/", "http://a.example/", "https://a.example.b.example/"])  # fmt: skip
def test_only_the_very_host_is_allowed(address):
    with pytest.raises(UsageError):
        Guard(["a.example"]).check(address)


def test_no_answer_is_said_plainly_and_soon():
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as gone:
        address = f"http://127.0.0.1:{gone.server_address[1]}"
    with (
        Client(Guard([], address), QUICK, lambda _: None, agent="x") as client,
        pytest.raises(UsageError, match=r"^No answer from 127\.0\.0\.1:\d+: is this machine online\?$"),
    ):  # fmt: skip
        client.get(address, largest=9, judge=lambda *_: None)


def test_a_client_serves_several_at_once(server):
    server.fail("/answer", "status", times=3)
    found: list[object] = []
    with asking(server) as client:
        address = f"{server.url}/answer.json"

        def one():
            found.append(client.get(address, largest=99, judge=lambda body, kind: read_json(body, kind, address)))  # fmt: skip

        tasks = [threading.Thread(target=one) for _ in range(6)]
        for task in tasks:
            task.start()
        for task in tasks:
            task.join()
    assert found == [{"count": 7}] * 6


# ── words ────────────────────────────────────────────────────────────────────


@given(st.text())
def test_what_a_server_says_is_one_short_plain_line(text):
    plain = say_plain(text)
    assert plain.isprintable()
    assert len(plain) <= 160


@given(st.sampled_from(["key", "api_key", "token", "uid", "X-Amz-Signature", "Password"]))
def test_secrets_are_hidden(name):
    hidden = hide_secrets(f"https://me:opensesame@a.example/x?a=1&{name}=opensesame#opensesame")
    assert "opensesame" not in hidden
    assert "a=1" in hidden


@given(st.binary())
def test_any_answer_is_an_object_or_an_error(body):
    with contextlib.suppress(AgainError, DataError):
        assert isinstance(read_json(body, "application/json", "https://a.example"), dict)


@pytest.mark.parametrize(
    "body", [b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": ' + b"9" * 5000 + b"}"]
)
def test_numbers_that_json_does_not_know_are_an_error(body):
    with pytest.raises(AgainError):
        read_json(body, "application/json", "https://a.example")


def test_half_a_character_is_written_as_it_came():
    value = read_json(b'{"a": "\\ud800 \\u00e9"}', "application/json", "https://a.example")
    assert read_json(write_json(value), "", "https://a.example") == value
    assert write_json({"a": "\u00e9"}) == '{"a": "\u00e9"}\n'.encode()


def test_a_deep_answer_is_an_error():
    with pytest.raises(AgainError):
        read_json(b'{"a":' * 200_000, "application/json", "https://a.example")
