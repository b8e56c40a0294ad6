// Charts in SVG: bars, lines and pies, each with its numbers as a table for those who do not see it.

import { h, svg } from "./dom.js";
import { warning } from "./warning.js";

const WIDTH = Math.max(280, Math.min(520, innerWidth - 140)), HEIGHT = 220, LEFT = 44, BOTTOM = 30, TOP = 12;
const COLOURS = 8;
const written = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 });
const colour = (index) => `series-${index % COLOURS}`;

export function chart(block) {
  const { chart: told, title } = block;
  const draw = { bar: bars, line: lines, area: lines, pie }[told.type];
  if (!draw) return warning(`chart ${told.type}`);
  const series = told.type === "pie" ? [{ name: title, data: told.segments }] : told.series;
  const labels = told.axis_config?.categories ?? told.segments.map((segment) => segment.label);
  const legend = told.type === "pie" ? labels : series.length > 1 ? series.map((each) => each.name) : [];
  return h("figure", { class: `chart ${told.type}` },
    h("figcaption", { dir: "auto" }, title),
    draw(series, labels, told.type),
    legend.length ? h("ul", { class: "legend", "aria-hidden": "true" }, legend.map((name, index) => h("li", {}, h("i", { class: colour(index) }), h("span", { dir: "auto" }, name)))) : null,
    numbers(title, series, labels));
}

function numbers(title, series, labels) {
  const valueOf = (each, label) => each.data.find((point) => point.label === label)?.value ?? "";
  return h("div", { class: "unseen" }, h("table", {},
    h("caption", {}, title),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "What"), series.map((each) => h("th", { scope: "col" }, each.name)))),
    h("tbody", {}, labels.map((label) => h("tr", {}, h("th", { scope: "row" }, label), series.map((each) => h("td", {}, String(valueOf(each, label)))))))));
}

/** The range of the axis and round values to mark on it. What is filled begins at 0, for its size is read; a line's course is. */
function scale(series, isFilled) {
  const values = series.flatMap((each) => each.data.map((point) => point.value)), base = isFilled ? [0] : [];
  const low = Math.min(...base, ...values), most = Math.max(...base, ...values), high = most > low ? most : low + 1;
  const raw = (high - low) / 4, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= raw * 0.999);
  const bottom = Math.floor(low / step) * step, top = Math.ceil(high / step) * step;
  const marks = Array.from({ length: Math.round((top - bottom) / step) + 1 }, (_none, index) => bottom + index * step);
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - bottom) / (top - bottom));
  return { y, marks };
}

function canvas(...drawn) {
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "plot", "aria-hidden": "true", focusable: "false" }, drawn);
}

function axes(labels, { y, marks }, band) {
  const every = Math.ceil(labels.length / 10);
  return [
    marks.map((mark) => [
      svg("line", { x1: LEFT, x2: WIDTH, y1: y(mark), y2: y(mark), class: "grid" }),
      svg("text", { x: LEFT - 8, y: y(mark) + 4, "text-anchor": "end" }, written.format(mark)),
    ]),
    labels.map((label, index) => index % every ? null : svg("text", { x: LEFT + band * (index + 0.5), y: HEIGHT - 10, "text-anchor": "middle" }, short(label, band * every))),
  ];
}

function short(label, width) {
  const most = Math.max(3, Math.floor(width / 6.5));
  return [...label].length > most ? `${[...label].slice(0, most - 1).join("")}…` : label;
}

function point(each, label) {
  return each.data.find((known) => known.label === label).value;
}

function bars(series, labels) {
  const range = scale(series, true), band = (WIDTH - LEFT) / labels.length, width = Math.min(46, (band * 0.7) / series.length);
  return canvas(axes(labels, range, band), labels.map((label, at) => series.map((each, index) => {
    const value = point(each, label), top = Math.min(range.y(value), range.y(0));
    const x = LEFT + band * (at + 0.5) + (index - series.length / 2) * width;
    return svg("rect", { x: x + 1, y: top, width: Math.max(1, width - 2), height: Math.max(1, Math.abs(range.y(value) - range.y(0))), rx: 3, class: colour(index) },
      svg("title", {}, `${label}, ${each.name}: ${written.format(value)}`));
  })));
}

function lines(series, labels, type) {
  const range = scale(series, type === "area"), band = (WIDTH - LEFT) / labels.length;
  return canvas(axes(labels, range, band), series.map((each, index) => {
    const points = labels.map((label, at) => [LEFT + band * (at + 0.5), range.y(point(each, label))]);
    const path = points.map(([x, y], at) => `${at ? "L" : "M"}${x} ${y}`).join("");
    const area = `${path}L${points.at(-1)[0]} ${range.y(0)}L${points[0][0]} ${range.y(0)}Z`;
    return [
      type === "area" ? svg("path", { d: area, class: `area ${colour(index)}` }) : null,
      svg("path", { d: path, class: `line ${colour(index)}` }),
      points.map(([x, y], at) => svg("circle", { cx: x, cy: y, r: 3.5, class: colour(index) }, svg("title", {}, `${labels[at]}, ${each.name}: ${written.format(point(each, labels[at]))}`))),
    ];
  }));
}

function pie([only]) {
  const total = only.data.reduce((sum, segment) => sum + segment.value, 0), radius = 92, x = WIDTH / 2, y = HEIGHT / 2;
  let turned = -Math.PI / 2;
  const at = (angle, far = radius) => `${x + far * Math.cos(angle)} ${y + far * Math.sin(angle)}`;
  return canvas(only.data.map((segment, index) => {
    const share = segment.value / total, from = turned, to = (turned += share * 2 * Math.PI), hole = radius * 0.56;
    const large = share > 0.5 ? 1 : 0, end = share > 0.9999 ? to - 0.0001 : to;
    const d = `M${at(from)}A${radius} ${radius} 0 ${large} 1 ${at(end)}L${at(end, hole)}A${hole} ${hole} 0 ${large} 0 ${at(from, hole)}Z`;
    return svg("path", { d, class: `slice ${colour(index)}` }, svg("title", {}, `${segment.label}: ${written.format(segment.value)} (${Math.round(share * 100)} %)`));
  }));
}
