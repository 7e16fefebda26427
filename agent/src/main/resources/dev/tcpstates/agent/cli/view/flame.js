// SPDX-License-Identifier: Apache-2.0
"use strict";
/**
 * A flame graph that is drawn into an element, zoomed by a click or by keys.
 *
 * options: tip, the element of the tool tip; amount(weight), a weight as text; onFocus(text), what
 * is to be said of the focused frame; onZoom(isReset), called when it was drawn.
 */
function flameGraph(graph, { tip, amount, onFocus, onZoom }) {
  const ROW = 20, LEAST = 0.4, WITH_TEXT = 22;
  let nodes = [], root = null, zoomed = null, focused = null, flipped = false, drawn = 0;

  // Where a node begins, in weight, is what its position comes from.
  function node(raw, parent, start) {
    const made = {
      name: raw.name, weight: raw.weight, parent, start, depth: parent ? parent.depth + 1 : 0,
      callees: [], match: false, box: null,
    };
    nodes.push(made);
    let next = start;
    for (const callee of [...raw.callees].sort((a, b) => b.weight - a.weight)) {
      made.callees.push(node(callee, made, next));
      next += callee.weight;
    }
    return made;
  }
  function percent(part, whole) {
    const share = whole === 0 ? 0 : 100 * part / whole;
    return (share >= 99.95 || share === 0 ? share.toFixed(0) : share.toFixed(1)) + " %";
  }
  const weights = (n) => amount(n.weight) + ", " + percent(n.weight, root.weight);

  // The application's packages have colours of their own; the JDK's are grey.
  function colour(name) {
    if (!name.includes(".")) {
      return "hsl(215 12% var(--lib))";
    }
    if (/^(java|javax|jdk|sun|com\.sun)\./.test(name)) {
      return "hsl(215 18% var(--lib))";
    }
    const parts = name.split(".");
    let hash = 7;
    for (const c of parts.slice(0, Math.min(3, parts.length - 2)).join(".")) {
      hash = (hash * 31 + c.codePointAt(0)) % 997;
    }
    return "hsl(" + (hash * 137) % 360 + " 62% var(--app))";
  }

  // Where there is no room for the package, the class and method say most.
  function fitting(name, wide) {
    return name.length * 7.3 + 8 > wide && name.includes(".")
      ? name.split(".").slice(-2).join(".") : name;
  }
  function isCaller(n) {
    return n.depth < zoomed.depth;
  }
  function visible() {
    const shown = [];
    for (let n = zoomed.parent; n; n = n.parent) {
      shown.unshift(n);
    }
    (function below(n) {
      if (graph.clientWidth * n.weight / zoomed.weight >= LEAST) {
        shown.push(n);
        n.callees.forEach(below);
      }
    })(zoomed);
    return shown;
  }
  function draw() {
    const width = graph.clientWidth;
    drawn = width;
    const shown = visible();
    const rows = 1 + shown.reduce((most, n) => Math.max(most, n.depth), 0);
    nodes.forEach((n) => { n.box = null; });
    const boxes = shown.map((n) => {
      const left = isCaller(n) ? 0 : width * (n.start - zoomed.start) / zoomed.weight;
      const wide = isCaller(n) ? width : width * n.weight / zoomed.weight;
      const box = document.createElement("div");
      box.className = "frame" + (isCaller(n) ? " caller" : "") + (wide < WITH_TEXT ? " narrow" : "")
        + (n.match ? " match" : "");
      box.style.left = left + "px";
      box.style.width = Math.max(1, wide) + "px";
      box.style.top = (flipped ? rows - 1 - n.depth : n.depth) * ROW + "px";
      box.style.background = colour(n.name);
      box.setAttribute("role", "treeitem");
      box.setAttribute("aria-level", n.depth + 1);
      box.setAttribute("aria-label", n.name + ", " + weights(n));
      box.tabIndex = n === focused ? 0 : -1;
      if (wide >= WITH_TEXT) {
        box.textContent = fitting(n.name, wide);
      }
      box.node = n;
      n.box = box;
      return box;
    });
    graph.style.height = rows * ROW + "px";
    graph.replaceChildren(...boxes);
    onZoom(zoomed === root);
    tip.hidden = true;
  }
  function focus(n) {
    if (!n || !n.box) {
      return;
    }
    if (focused.box) {
      focused.box.tabIndex = -1;
    }
    focused = n;
    n.box.tabIndex = 0;
    n.box.focus();
  }
  function zoom(n) {
    zoomed = n.weight > 0 ? n : root;
    focused = n;
    draw();
    focus(n);
  }
  function neighbour(n, step) {
    const siblings = n.parent ? n.parent.callees.filter((s) => s.box) : [n];
    return siblings[siblings.indexOf(n) + step];
  }
  graph.addEventListener("click", (event) => event.target.node && zoom(event.target.node));
  graph.addEventListener("focusin", (event) => event.target.node && onFocus(event.target.node.name + " — " + weights(event.target.node)
      + (event.target.node.parent
        ? ", " + percent(event.target.node.weight, event.target.node.parent.weight)
          + " of its caller" : "")));
  graph.addEventListener("mousemove", (event) => {
    const n = event.target.node;
    tip.hidden = !n;
    if (n) {
      tip.textContent = n.name + "\n" + weights(n);
      tip.style.whiteSpace = "pre-line";
      const left = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8);
      const top = event.clientY + 16 + tip.offsetHeight > innerHeight
        ? event.clientY - tip.offsetHeight - 8 : event.clientY + 16;
      tip.style.left = Math.max(4, left) + "px";
      tip.style.top = Math.max(4, top) + "px";
    }
  });
  graph.addEventListener("mouseleave", () => { tip.hidden = true; });
  graph.addEventListener("keydown", (event) => {
    const n = event.target.node;
    const to = {
      ArrowLeft: () => focus(neighbour(n, -1)),
      ArrowRight: () => focus(neighbour(n, 1)),
      ArrowUp: () => focus(flipped ? n.callees[0] : n.parent),
      ArrowDown: () => focus(flipped ? n.parent : n.callees[0]),
      Home: () => focus(root),
      Enter: () => zoom(n),
      " ": () => zoom(n),
    }[event.key];
    if (n && to) {
      event.preventDefault();
      to();
    }
  });
  addEventListener("resize", () => root && graph.clientWidth !== drawn && draw());
  graph.classList.add("flame");

  return {
    /** Shows a tree of {name, weight, callees}, zoomed to the same frames as before. */
    show(raw) {
      const path = [];
      for (let n = zoomed; n && n.parent; n = n.parent) {
        path.unshift(n.name);
      }
      nodes = [];
      root = node(raw, null, 0);
      zoomed = root;
      for (const name of path) {
        const next = zoomed.callees.find((callee) => callee.name === name);
        if (!next) {
          break;
        }
        zoomed = next;
      }
      focused = zoomed;
      draw();
    },
    /** Marks the frames with a text; returns how many there are and their share of the weight. */
    find(text) {
      nodes.forEach((n) => { n.match = text !== "" && n.name.toLowerCase().includes(text); });
      let matched = 0, count = 0;
      (function sum(n, within) {
        count += n.match ? 1 : 0;
        matched += n.match && !within ? n.weight : 0;
        n.callees.forEach((callee) => sum(callee, within || n.match));
      })(root, false);
      nodes.forEach((n) => n.box && n.box.classList.toggle("match", n.match));
      return { count, share: percent(matched, root.weight) };
    },
    /** Zooms out; the frame of all is focused. */
    reset() {
      zoom(root);
    },
    /** Shows the next tree as a whole. */
    forget() {
      zoomed = null;
    },
    /** Turns it upside down; returns whether the callers are below. */
    flip() {
      flipped = !flipped;
      draw();
      return flipped;
    },
  };
}
