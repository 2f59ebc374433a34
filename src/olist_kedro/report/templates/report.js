"use strict";
(() => {
  const map = JSON.parse(document.getElementById("map-data").textContent);
  const root = document.documentElement;
  root.classList.add("with-script");

  // ---- segments: one order for the table and the cards

  const table = document.querySelector("table.sortable");
  const headings = [...table.tHead.rows[0].cells];
  const keys = headings.map((heading) => heading.querySelector("button").dataset.key);
  const choice = document.getElementById("sort");

  function sortSegments(key, direction) {
    const column = keys.indexOf(key);
    const sign = direction === "ascending" ? 1 : -1;
    const value = (row) => row.cells[column].dataset.value;
    const compare = (a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === "" || y === "") return (x === "") - (y === ""); // what is missing comes last
      return sign * (key === "name" ? x.localeCompare(y) : x - y);
    };
    const rows = [...table.tBodies[0].rows].sort(compare);
    const cards = document.querySelector(".cards");
    for (const row of rows) {
      table.tBodies[0].append(row);
      cards.append(document.getElementById(`segment-${row.dataset.segment}`));
    }
    headings.forEach((heading, place) => {
      if (place === column) heading.setAttribute("aria-sort", direction);
      else heading.removeAttribute("aria-sort");
    });
    choice.value = `${key} ${direction}`;
  }

  headings.forEach((heading, place) => {
    heading.querySelector("button").addEventListener("click", () => {
      const first = keys[place] === "name" ? "ascending" : "descending";
      const other = first === "ascending" ? "descending" : "ascending";
      sortSegments(keys[place], heading.getAttribute("aria-sort") === first ? other : first);
    });
  });
  choice.addEventListener("change", () => sortSegments(...choice.value.split(" ")));

  // ---- the map

  const canvas = document.getElementById("canvas");
  const pen = canvas.getContext("2d");
  const { rows, columns, segments, customers, palette } = map;
  const planes = new Map(map.planes.map((plane) => [plane.key, {
    ...plane,
    levels: Uint8Array.from(atob(plane.levels), (letter) => letter.charCodeAt(0)),
    texts: plane.texts.split("|"),
  }]));
  const names = new Map();
  const colours = new Map();
  for (const card of document.querySelectorAll(".card")) {
    names.set(Number(card.dataset.segment), card.querySelector("h3").textContent);
    colours.set(Number(card.dataset.segment), card.style.getPropertyValue("--colour").trim());
  }
  const none = 255; // the level of a neuron that a plane says nothing of
  let shown = "segments";
  let alone = null; // the segment that is shown alone
  let current = customers.indexOf(customers.reduce((most, count) => Math.max(most, count), 0));
  let held = false;

  const styleOf = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const rgb = (hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
  const mix = (colour, other, amount) =>
    `rgb(${rgb(colour).map((part, i) => Math.round(part + (rgb(other)[i] - part) * amount)).join(" ")})`;

  function colourOf(cell, theme) {
    const faded = alone !== null && segments[cell] !== alone;
    let colour = theme.empty;
    if (shown === "segments") colour = colours.get(segments[cell]) ?? theme.empty;
    else {
      const level = planes.get(shown).levels[cell];
      if (level !== none) colour = palette[Math.round((level / 254) * (palette.length - 1))];
    }
    if (faded) return mix(colour, theme.paper, 0.85);
    return shown === "segments" && customers[cell] === 0 ? mix(colour, theme.paper, 0.62) : colour;
  }

  // Places are counted in steps along a row; where rows are more than columns, they run along x.

  const rowHeight = map.is_hexagonal ? Math.sqrt(0.75) : 1;
  const turn = ([across, up]) => (map.is_transposed ? [up, across] : [across, up]);
  const shiftOf = (row) => (map.is_hexagonal && row % 2 ? 0.5 : 0);
  const centreOf = (row, column) => turn([column + shiftOf(row), row * rowHeight]);
  const third = 1 / (2 * Math.sqrt(3));
  const corners = (map.is_hexagonal
    ? [[0.5, -third], [0.5, third], [0, 2 * third], [-0.5, third], [-0.5, -third], [0, -2 * third]]
    : [[0.5, -0.5], [0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5]]).map(turn);
  // Edges between a cell and its neighbours after it: rows up, columns on, and the edge's two corners.
  const edges = map.is_hexagonal ? [[0, 1, 0, 1], [1, 0, 1, 2], [1, -1, 2, 3]] : [[0, 1, 0, 1], [1, 0, 1, 2]];
  const centres = segments.map((_, cell) => centreOf(Math.floor(cell / columns), cell % columns));
  const ends = [0, 1].map((axis) => {
    const reach = Math.max(...corners.map((corner) => corner[axis]));
    const places = centres.map((centre) => centre[axis]);
    return [Math.min(...places) - reach, Math.max(...places) + reach];
  });
  const [across, up] = ends.map(([low, high]) => high - low);
  const base = document.createElement("canvas"); // the map without the mark
  let scale = 1; // pixels of a step

  const pixel = ([x, y]) => [Math.round((x - ends[0][0]) * scale), Math.round((ends[1][1] - y) * scale)];
  const cornerOf = (cell, corner) => pixel([0, 1].map((axis) => centres[cell][axis] + corners[corner][axis]));

  function outline(brush, cell) {
    brush.beginPath();
    corners.forEach((_, corner) => brush.lineTo(...cornerOf(cell, corner)));
    brush.closePath();
  }

  function draw() {
    const ratio = window.devicePixelRatio || 1;
    const room = canvas.closest("figure").clientWidth;
    scale = Math.min(room / across, Math.max(640, room / 3) / up) * ratio;
    for (const sheet of [canvas, base]) {
      sheet.width = Math.round(across * scale);
      sheet.height = Math.round(up * scale);
    }
    canvas.style.width = `${canvas.width / ratio}px`;
    canvas.style.height = `${canvas.height / ratio}px`;
    const theme = { paper: styleOf("--paper"), empty: styleOf("--empty") };
    const brush = base.getContext("2d");
    segments.forEach((_, cell) => {
      brush.fillStyle = brush.strokeStyle = colourOf(cell, theme);
      outline(brush, cell);
      brush.fill();
      if (map.is_hexagonal) brush.stroke(); // closes the gaps between slanting edges
    });
    brush.strokeStyle = theme.paper;
    brush.lineWidth = 1.5 * ratio;
    brush.lineCap = "square";
    brush.beginPath();
    segments.forEach((segment, cell) => {
      const [row, column] = [Math.floor(cell / columns), cell % columns];
      for (const [rowsUp, columnsOn, from, to] of edges) {
        const other = column + columnsOn + (rowsUp ? 2 * shiftOf(row) : 0);
        if (row + rowsUp >= rows || other < 0 || other >= columns) continue;
        if (segment === segments[(row + rowsUp) * columns + other]) continue;
        brush.moveTo(...cornerOf(cell, from));
        brush.lineTo(...cornerOf(cell, to));
      }
    });
    brush.stroke();
    mark();
  }

  function mark() {
    const ratio = window.devicePixelRatio || 1;
    pen.drawImage(base, 0, 0);
    outline(pen, current);
    for (const [colour, width] of [["--paper", 5], ["--ink", 2.5]]) {
      pen.strokeStyle = styleOf(colour);
      pen.lineWidth = width * ratio;
      pen.stroke();
    }
  }

  const panel = document.getElementById("neuron");

  function tell() {
    panel.querySelector(".chip").style.setProperty("--colour", colours.get(segments[current]) ?? "transparent");
    panel.querySelector("h3 span").textContent = names.get(segments[current]) ?? "In no segment";
    panel.querySelector(".place").textContent = `Neuron in row ${Math.floor(current / columns)}, column ${current % columns}${held ? ", held" : ""}`;
    for (const line of panel.querySelectorAll("[data-plane]")) {
      const plane = planes.get(line.dataset.plane);
      const level = plane.levels[current];
      line.cells[1].textContent = plane.texts[current];
      line.querySelector("i").style.left = `${level === none ? 0 : (100 * level) / 254}%`;
    }
  }

  function show(cell) {
    if (cell === current) return;
    current = cell;
    mark();
    tell();
  }

  function cellAt(event) {
    const box = canvas.getBoundingClientRect();
    const x = ends[0][0] + ((event.clientX - box.left) / box.width) * across;
    const y = ends[1][1] - ((event.clientY - box.top) / box.height) * up;
    const distance = (cell) => Math.hypot(centres[cell][0] - x, centres[cell][1] - y);
    return centres.reduce((nearest, _, cell) => (distance(cell) < distance(nearest) ? cell : nearest), 0);
  }

  function hold(value) {
    held = value;
    tell();
  }

  canvas.addEventListener("pointermove", (event) => {
    if (!held && event.pointerType !== "touch") show(cellAt(event));
  });
  canvas.addEventListener("click", (event) => {
    const cell = cellAt(event);
    const again = held && cell === current;
    show(cell);
    hold(!again);
  });
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (event.key === "Escape") hold(false);
    if (!(event.key in steps)) return;
    event.preventDefault();
    const [onwards, upwards] = turn(steps[event.key]);
    const [row, column] = [Math.floor(current / columns) + upwards, (current % columns) + onwards];
    if (row < 0 || row >= rows || column < 0 || column >= columns) return;
    show(row * columns + column);
    hold(true);
  });

  // ---- what the map shows

  const namesOnMap = document.querySelector(".names");
  const legend = document.getElementById("legend");
  const key = document.getElementById("scale");
  const caption = document.getElementById("caption");
  key.querySelector(".gradient").style.background = `linear-gradient(to right, ${palette.join(", ")})`;

  function choosePlane(name) {
    shown = name;
    const plane = planes.get(name);
    key.hidden = !plane;
    namesOnMap.hidden = Boolean(plane);
    caption.textContent = plane ? plane.caption : caption.dataset.segments;
    key.querySelector(".ticks").replaceChildren(...(plane ? plane.ticks : []).map(([place, text]) => {
      const tick = document.createElement("span");
      tick.textContent = text;
      tick.style.left = `${100 * place}%`;
      return tick;
    }));
    draw();
  }

  function light(segment) {
    alone = segment;
    for (const button of legend.children) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.segment) === segment));
    }
    draw();
  }

  document.getElementById("planes").addEventListener("change", (event) => choosePlane(event.target.value));
  for (const button of legend.children) {
    const segment = Number(button.dataset.segment);
    button.addEventListener("click", () => light(alone === segment ? null : segment));
  }
  for (const link of document.querySelectorAll("[data-light]")) {
    link.addEventListener("click", () => light(Number(link.dataset.light)));
  }

  window.addEventListener("resize", draw);
  for (const query of ["(prefers-color-scheme: dark)", "print"]) matchMedia(query).addEventListener("change", draw);

  // ---- paper has nothing to open

  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach((one) => { one.open = true; });
  });
  window.addEventListener("afterprint", () => opened.forEach((one) => { one.open = false; }));

  choosePlane(shown);
  tell();
})();
