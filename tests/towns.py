"""Small towns in frames, for examples worked out on paper and for laws."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from provision_map.coverage import measure_coverage
from provision_map.model import Community, Element, Framework, Offer, Outcome, Standard
from provision_map.places import estimate_people
from provision_map.schema import Table
from provision_map.tables import QUALITY, RETURNS, SERVICES, SESSIONS

DATE = dt.date(2020, 11, 30)
FRESH = dt.date(2020, 10, 1)
STALE = dt.date(2015, 1, 1)
#: After school, evenings and weekends.
OUT_OF_SCHOOL = (*((d, 15.0, 22.0) for d in range(5)), (5, 9.0, 22.0), (6, 9.0, 22.0))

Y02 = Element(
    "Y02", "Youth clubs", ("EA4", "PC3"), Standard("hours", 2, 1600, "test", quality=True)
)


def element(**changes: object) -> Element:
    return replace(Y02, standard=replace(Y02.standard, **changes))


@dataclass
class Town:
    """Places in a row of squares; children by place, age and group; services by distance."""

    element: Element = Y02
    ages: range = range(13, 14)
    children: dict[str, dict[int, float]] = field(default_factory=lambda: {"P1": {13: 100.0}})
    groups: dict[str, dict[str, float]] = field(default_factory=dict)
    priority: tuple[Community, ...] = ()
    services: list[dict[str, object]] = field(default_factory=list)
    sessions: list[dict[str, object]] = field(default_factory=list)
    quality: list[dict[str, object]] = field(default_factory=list)
    times: list[tuple[str, str, float, float]] = field(default_factory=list)
    received: dict[str, str] = field(default_factory=dict)
    asked: bool = True
    #: home → (place, share of its people); a place that has none is one home of its own name.
    homes: dict[str, tuple[str, float]] = field(default_factory=dict)
    #: Children of places beyond the border, one home each.
    neighbours: dict[str, dict[int, float]] = field(default_factory=dict)
    mode: str = "walk"
    searched_to: float = 90.0
    #: TRAVEL_TIMES instead of those of ``times``.
    given_times: pd.DataFrame | None = None

    def club(
        self,
        service_id: str,
        *when: tuple[str, int, float, float] | tuple[str, int, float],
        metres: float | dict[str, float] = 500.0,
        accuracy: float = 0.0,
        quality: str | None = "meets",
        **fields: object,
    ) -> Town:
        """Add a service with sessions (weekday, start hour, end hour), seen from the places."""
        self.services.append(
            {
                "service_id": service_id, "name": service_id, "organisation_id": "o",
                "elements": (self.element.id,), "minimum_age": 0.0, "maximum_age": 99.0,
                "capacity": float("inf"), "open_to": ("everyone",), "assured_date": FRESH,
                "cost": 0.0, "publicised": "yes", "easting": 0.0, "northing": 0.0, **fields,
            }
        )  # fmt: skip
        for day, start, end in when:
            self.sessions.append(
                {
                    "service_id": service_id,
                    "weekday": day,
                    "start": clock(start),
                    "end": clock(end),
                    "period": "term",
                }
            )
        if quality:
            self.quality.append(
                {
                    "service_id": service_id,
                    "date": FRESH,
                    "evidence": "inspection",
                    "result": quality,
                }
            )
        far = metres if isinstance(metres, dict) else dict.fromkeys(self.all_homes, metres)
        self.times += [(place, service_id, m, accuracy) for place, m in far.items()]
        return self

    @property
    def framework(self) -> Framework:
        names = dict.fromkeys(g for shares in self.groups.values() for g in shares)
        groups = tuple(
            Community(g, g, "ethnic", level=g, minority=i > 0) for i, g in enumerate(names)
        )
        offer = Offer("offer", "Offer", self.ages.start, self.ages.stop - 1, (self.element,))
        outcomes = tuple(Outcome(o, o, ()) for o in self.element.outcomes)
        return Framework(outcomes, (offer,), (*groups, *self.priority))

    @property
    def places(self) -> gpd.GeoDataFrame:
        ids = list(self.children)
        return gpd.GeoDataFrame(
            {
                "place_id": ids, "name": ids, "level": "test", "neighbourhood_id": ids,
                "neighbourhood": ids, "authority": "", "approximate": "no", "imd_decile": 5.0,
                "easting": [1000.0 * i + 500 for i in range(len(ids))], "northing": 500.0,
            },
            geometry=[box(1000 * i, 0, 1000 * i + 1000, 1000) for i in range(len(ids))],
            crs="EPSG:27700",
        )  # fmt: skip

    @property
    def all_homes(self) -> dict[str, tuple[str, float]]:
        """Homes of the places, then those beyond the border."""
        given = {place for place, _ in self.homes.values()}
        alone = [p for p in (*self.children, *self.neighbours) if p not in given]
        return {**self.homes, **{place: (place, 1.0) for place in alone}}

    @property
    def homes_frame(self) -> pd.DataFrame:
        rows = [(h, p, 0.0, 0.0, share) for h, (p, share) in self.all_homes.items()]
        return pd.DataFrame(rows, columns=["home_id", "place_id", "easting", "northing", "share"])

    @property
    def people(self) -> pd.DataFrame:
        return self._people(self.children)

    def _people(self, children: dict[str, dict[int, float]]) -> pd.DataFrame:
        ages = pd.DataFrame(
            [(p, a, n) for p, by_age in children.items() for a, n in by_age.items()],
            columns=["place_id", "age", "children"],
        )
        groups = pd.DataFrame(
            [(p, g, n) for p, shares in self.groups.items() for g, n in shares.items()],
            columns=["place_id", "group_id", "residents"],
        )
        majority = self.framework.majority
        return estimate_people(ages, groups, majority=majority)

    @property
    def returns(self) -> pd.DataFrame:
        if not self.asked:
            return RETURNS.empty()
        return frame(
            RETURNS,
            [
                {
                    "organisation_id": "o", "elements": ("all",), "places": (place,),
                    "received": self.received.get(place, "yes"), "received_on": FRESH,
                }
                for place in self.children
            ],
        )  # fmt: skip

    @property
    def travel_times(self) -> pd.DataFrame:
        if self.given_times is not None:
            return self.given_times
        times = pd.DataFrame(self.times, columns=["from_id", "to_id", "metres", "accuracy"])
        return times.assign(
            mode=self.mode, minutes=times["metres"] / 80, searched_to=self.searched_to
        )

    def coverage(self) -> pd.DataFrame:
        return measure_coverage(
            self.places, self.people, frame(SERVICES, self.services), self.travel_times,
            sessions=frame(SESSIONS, self.sessions), quality=frame(QUALITY, self.quality),
            returns=self.returns, framework=self.framework, date=DATE,
            homes=self.homes_frame, neighbours=self._people(self.neighbours),
        )  # fmt: skip

    def classes(self, community: str = "everyone", **where: object) -> dict[str, float]:
        """Children by class, those above zero only: {"covered": 30.0, "age": 40.0}."""
        rows = self.coverage()
        rows = rows[rows["community_id"] == community]
        for column, value in where.items():
            rows = rows[rows[column] == value]
        sums = {}
        for column in rows.columns:
            if column == "covered" or column.startswith(("cause_", "unknown_")):
                total = float((rows[column] * rows["children"]).sum())
                if total > 1e-9:
                    sums[column.replace("cause_", "")] = round(total, 9)
        return sums

    def levers(self) -> dict[str, float]:
        rows = self.coverage().query("community_id == 'everyone'")
        return {
            c.removeprefix("lever_"): round(float((rows[c] * rows["children"]).sum()), 9)
            for c in rows.columns
            if c.startswith("lever_")
        }


def clock(hour: float) -> dt.time:
    return dt.time(int(hour), int(hour % 1 * 60))


def frame(table: Table, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Make a typed frame from sparse rows: what is not given is unknown."""
    blanks = {
        "text": "",
        "list": (),
        "yes_no": "unknown",
        "integer": float("nan"),
        "number": float("nan"),
    }
    full = [{c.name: row.get(c.name, blanks.get(c.kind)) for c in table.columns} for row in rows]
    out = pd.DataFrame(full, columns=table.names()) if full else table.empty()
    return out.astype(dict(table.empty().dtypes))
