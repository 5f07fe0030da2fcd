// Outlines from shared arcs, patterns for filling, and marker shapes.

// Latitude and longitude of an arc's points; ~n is arc n walked backwards.
function arcPoints(reference) {
  const arc = DATA.arcs[reference < 0 ? ~reference : reference];
  const points = [];
  let x = 0;
  let y = 0;
  for (let n = 0; n < arc.length; n += 2) {
    x += arc[n];
    y += arc[n + 1];
    points.push([y / DATA.unit, x / DATA.unit]);
  }
  return reference < 0 ? points.reverse() : points;
}

function ringPoints(references) {
  return references.flatMap((reference) => arcPoints(reference).slice(1));
}

function shapePoints(place) {
  return DATA.shapes[place].map((rings) => rings.map(ringPoints));
}

function at(point) {
  return L.latLng(point[1] / DATA.unit, point[0] / DATA.unit);
}

// Hatching: dark lines in a light casing, so that it shows on light and dark classes alike.
function drawPatterns() {
  const line = (colour, width) =>
    svg("path", { d: "M-2,2 l4,-4 M0,9 l9,-9 M7,11 l4,-4", stroke: colour, "stroke-width": width });
  byId("patterns").append(
    svg("defs", {},
      svg("pattern", { id: "hatch", width: 9, height: 9, patternUnits: "userSpaceOnUse" },
        line("rgb(255 255 255 / 0.55)", 2.2), line("#1b1f24", 0.9)),
      svg("pattern", { id: "edge", width: 10, height: 6, patternUnits: "userSpaceOnUse" },
        svg("path", { d: "M5,0 v6", stroke: "rgb(255 255 255 / 0.5)", "stroke-width": 2 }),
        svg("path", { d: "M5,1 v3", stroke: "#1b1f24", "stroke-width": 0.9 })),
      svg("pattern", { id: "dots", width: 8, height: 8, patternUnits: "userSpaceOnUse" },
        svg("rect", { width: 8, height: 8, fill: "#ffffff" }),
        svg("circle", { cx: 2, cy: 2, r: 1.2, fill: "#5b5566" }),
        svg("circle", { cx: 6, cy: 6, r: 1.2, fill: "#5b5566" })),
      svg("pattern", { id: "few", width: 8, height: 6, patternUnits: "userSpaceOnUse" },
        svg("rect", { width: 8, height: 6, fill: "#f0f1f3" }),
        svg("path", { d: "M0,3 h8", stroke: "#b9bfc7", "stroke-width": 1 }))),
  );
}

const SHAPES = {
  circle: (fill) => svg("circle", { cx: 12, cy: 12, r: 9.5, ...fill }),
  square: (fill) => svg("rect", { x: 3.2, y: 3.2, width: 17.6, height: 17.6, ...fill }),
  triangle: (fill) => svg("path", { d: "M12,1.5 L23,21 L1,21 Z", ...fill }),
  diamond: (fill) => svg("path", { d: "M12,0.8 L23.2,12 L12,23.2 L0.8,12 Z", ...fill }),
  hexagon: (fill) => svg("path", { d: "M6.3,2.2 L17.7,2.2 L23.2,12 L17.7,21.8 L6.3,21.8 L0.8,12 Z", ...fill }),
};

function outcomeMark(outcome, size) {
  const mark = DATA.outcomes[outcome] || { shape: "circle", colour: "#3d3d3d", letter: "·" };
  const shape = SHAPES[mark.shape];
  return svg("svg", { viewBox: "-2 -2 28 28", width: size, height: size, "aria-hidden": "true", focusable: "false" },
    shape({ fill: "#ffffff", stroke: "#ffffff", "stroke-width": 4, "stroke-linejoin": "round" }),
    shape({ fill: mark.colour, stroke: "#ffffff", "stroke-width": 0.8 }),
    svg("text", { x: 12, y: mark.shape === "triangle" ? 18.4 : 16.3, "text-anchor": "middle", fill: "#ffffff", class: "mark-letter" }, mark.letter));
}

// A ring cut by outcome, with the number of services inside.
function donut(counts, total, size) {
  const radius = 15;
  const around = 2 * Math.PI * radius;
  const ring = svg("svg", { viewBox: "0 0 40 40", width: size, height: size, "aria-hidden": "true", focusable: "false" },
    svg("circle", { cx: 20, cy: 20, r: 19.5, fill: "#ffffff" }));
  let start = 0;
  for (const [outcome, count] of counts) {
    const length = (count / total) * around;
    const gap = counts.length > 1 ? 1.2 : 0;
    ring.append(svg("circle", {
      cx: 20, cy: 20, r: radius, fill: "none", "stroke-width": 6,
      stroke: (DATA.outcomes[outcome] || { colour: "#3d3d3d" }).colour,
      "stroke-dasharray": `${Math.max(length - gap, 0.5)} ${around}`,
      "stroke-dashoffset": -start,
      transform: "rotate(-90 20 20)",
    }));
    start += length;
  }
  ring.append(svg("text", { x: 20, y: 24.4, "text-anchor": "middle", class: "donut-count" }, total));
  return ring;
}
