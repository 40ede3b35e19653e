// SPDX-License-Identifier: Apache-2.0
// What is shown, and what people do.

const element = (id) => document.getElementById(id);
const facts = JSON.parse(element('facts').textContent);
const percent = (part, whole) => (whole > 0 ? (100 * part) / whole : 0).toFixed(2) + ' %';
const grouped = (count) => count.toLocaleString('en-US');

let stacks = null;
let graph = null;
let colours = null;
let callers = null; // made when first shown
let leads = null; // by frame of Calls: whether it or one below it on its stack matches
const state = { zoom: 0, search: '', regex: false, icicle: facts.icicle, callers: facts.callers, before: false, theme: '' };

function tree() {
  if (!state.callers) {
    return stacks.calls;
  }
  callers ??= new Callers(stacks.calls);
  return callers;
}

function weights() {
  return state.before ? tree().before : tree().total;
}

// ---- what is shown

function show() {
  const dark = state.theme === '' ? systemDark.matches : state.theme === 'dark';
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  colours.dark = dark;
  graph.icicle = state.icicle;
  graph.hovered = -1;
  for (const [id, on] of [['icicle', state.icicle], ['callers', state.callers], ['before', state.before],
    ['theme', dark], ['regex', state.regex]]) {
    element(id).setAttribute('aria-pressed', String(on));
  }
  layOut();
  if (graph.layout.rows.length * ROW <= graph.box.clientHeight) {
    graph.box.scrollTop = 0;
  } else {
    graph.box.scrollTop = state.icicle ? 0 : graph.height;
    graph.reveal(graph.tree.depth[state.zoom]);
  }
  element('reset').disabled = state.zoom === 0;
  legend();
  describe();
  graph.draw();
}

function layOut() {
  // A scroll bar that comes with the height takes from the width.
  for (let tries = 0; tries < 2; tries++) {
    const width = graph.resize(facts.width);
    graph.setLayout(tree(), new Layout(tree(), weights(), state.zoom, width, facts.minWidth));
    graph.layoutWidth = width;
    if (graph.resize(facts.width) === width) {
      break;
    }
  }
  showMatches();
}

/** The numbers of a frame: those of the counts first. */
function numbers(frame) {
  const shown = graph.tree;
  const total = shown.total[frame];
  const parent = shown.parent[frame];
  const lines = [`${grouped(total)} ${facts.countName}, ${percent(total, shown.total[0])} of all`];
  if (frame > 0 && parent > 0) {
    lines[0] += `, ${percent(total, shown.total[parent])} of ${state.callers ? 'what it called' : 'its caller'}`;
  }
  if (stacks.differential) {
    const before = shown.before[frame];
    const change = total - before;
    lines.push(`before ${grouped(before)}, ${percent(before, shown.before[0])}; change ${change > 0 ? '+' : ''}`
      + `${grouped(change)}, ${change > 0 ? '+' : ''}${percent(change, shown.total[0])} of all`
      + (before === 0 && total > 0 ? '; new' : '') + (total === 0 && before > 0 ? '; gone' : ''));
  }
  if (!state.callers && frame > 0 && shown.self[frame] !== total) {
    lines.push(`${grouped(shown.self[frame])} in itself, ${percent(shown.self[frame], shown.total[0])}`);
  }
  return lines;
}

function nameOf(frame) {
  return shownName(stacks.names, frame === 0 ? -1 : graph.tree.name[frame]);
}

function kindOf(frame) {
  return frame === 0 ? '' : facts.kinds[colours.kind(graph.tree, frame)];
}

/** The line below the graph: the frame under the pointer, else the selected one, else the zoomed one. */
function describe() {
  const frame = graph.hovered >= 0 ? graph.hovered : graph.selected >= 0 ? graph.selected : state.zoom;
  element('name').textContent = nameOf(frame);
  element('numbers').textContent = (frame === 0 ? [] : [kindOf(frame)]).concat(numbers(frame)).join(' · ')
    + (frame === state.zoom && graph.layout.narrow > 0
      ? ` · ${grouped(graph.layout.narrow)} ${state.callers ? 'branches' : 'frames'} too narrow to draw` : '');
}

function legend() {
  const keys = element('keys');
  keys.replaceChildren();
  const key = (colour, text) => {
    const item = document.createElement('span');
    const box = document.createElement('i');
    box.style.backgroundColor = colour; // an attribute would be a style that the policy forbids
    item.append(box, text);
    keys.append(item);
  };
  if (stacks.differential) {
    key(colours.ofStep(0)[0], 'less');
    key(colours.ofStep(2)[0], 'a little less');
    key(colours.ofStep(4)[0], 'the same');
    key(colours.ofStep(6)[0], 'a little more');
    key(colours.ofStep(8)[0], 'more; new ones have a bar');
  } else {
    kindShares.forEach((share, kind) => {
      if (share >= 0) {
        key(colours.ofKind(kind)[0], facts.kinds[kind] + (share > 0 ? ' ' + percent(share, stacks.calls.total[0]) : ''));
      }
    });
  }
}

/** For each kind the counts of stacks that end with it; -1 for one that does not occur. */
let kindShares = [];
function countKinds() {
  const { calls } = stacks;
  kindShares = facts.kinds.map(() => -1);
  for (let frame = 1; frame < calls.size; frame++) {
    const kind = colours.kind(calls, frame);
    kindShares[kind] = Math.max(0, kindShares[kind]) + calls.self[frame];
  }
}

// ---- what people do

function zoom(frame) {
  if (frame !== state.zoom && weights()[frame] > 0) {
    state.zoom = frame;
    remember(true);
    show();
  }
}

function select(frame) {
  graph.selected = frame;
  graph.hovered = -1;
  element('tip').hidden = true;
  graph.reveal(graph.tree.depth[frame]);
  describe();
  graph.draw();
}

/** Switches something on or off. */
function toggle(what) {
  if (what === 'callers' || what === 'before') {
    graph.selected = -1;
    state.zoom = 0;
  }
  if (what === 'theme') {
    state.theme = colours.dark ? 'light' : 'dark';
  } else {
    state[what] = !state[what];
  }
  if (what === 'regex') {
    search();
  }
  remember(what !== 'theme');
  show();
}

function searchFor(text) {
  state.search = text;
  search();
  remember(false);
  showMatches();
  graph.draw();
}

function move(key) {
  const { layout } = graph;
  const from = graph.selected >= 0 ? layout.find(graph.tree, graph.selected) : null;
  if (from === null) {
    select(state.zoom);
    return;
  }
  let { depth, i } = from;
  const row = layout.rows[depth];
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    i += key === 'ArrowLeft' ? -1 : 1;
  } else if ((key === 'ArrowUp') !== state.icicle) {
    // To the widest frame that this one called.
    depth++;
    i = -1;
    (layout.rows[depth]?.frames ?? []).forEach((frame, at) => {
      if (graph.tree.parent[frame] === graph.selected && (i < 0 || layout.rows[depth].width[at] > layout.rows[depth].width[i])) {
        i = at;
      }
    });
  } else {
    depth--;
    i = depth < 0 ? -1 : layout.rows[depth].frames.indexOf(graph.tree.parent[graph.selected]);
  }
  const frame = layout.rows[depth]?.frames[i];
  if (frame !== undefined) {
    select(frame);
  }
}

async function copyName() {
  const frame = graph.hovered >= 0 ? graph.hovered : graph.selected >= 0 ? graph.selected : state.zoom;
  const text = nameOf(frame);
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    graph.box.focus();
  }
  element('numbers').textContent = 'copied';
}

function clear() {
  if (state.search !== '') {
    element('search').value = '';
    searchFor('');
  } else if (state.zoom > 0) {
    zoom(0);
  } else {
    graph.selected = -1;
    describe();
    graph.draw();
  }
}

function onKey(event) {
  const inSearch = event.target === element('search');
  const find = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f';
  if (element('manual').open) {
    return;
  }
  if (event.altKey && event.key.toLowerCase() === 'r') {
    toggle('regex');
  } else if (find || (event.key === '/' && !inSearch)) {
    element('search').focus();
    element('search').select();
  } else if (event.key === 'F3' || (inSearch && event.key === 'Enter')) {
    goToMatch(event.shiftKey ? -1 : 1);
  } else if (event.key === 'Escape') {
    clear();
    graph.box.focus();
  } else if (inSearch || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  } else if (event.key.startsWith('Arrow')) {
    move(event.key);
  } else if (event.key === 'Enter' && event.target === graph.box) {
    if (graph.selected >= 0) {
      zoom(graph.selected);
    }
  } else if (event.key === 'Backspace') {
    zoom(graph.tree.parent[state.zoom]);
  } else {
    const action = {
      0: () => zoom(0),
      n: () => goToMatch(1),
      N: () => goToMatch(-1),
      i: () => toggle('icicle'),
      v: () => toggle('callers'),
      b: () => stacks.differential && toggle('before'),
      d: () => toggle('theme'),
      c: copyName,
      '?': () => element('manual').showModal(),
    }[event.key];
    if (action === undefined) {
      return;
    }
    action();
  }
  event.preventDefault();
}

function onPointer(event) {
  const frame = graph.frameAt(event.clientX, event.clientY);
  if (frame !== graph.hovered) {
    graph.hovered = frame;
    describe();
    graph.draw();
  }
  const tip = element('tip');
  tip.hidden = frame < 0;
  if (frame >= 0) {
    const text = nameOf(frame);
    element('tipname').textContent = text.length > 2000 ? text.slice(0, 2000) + '…' : text;
    element('tipnumbers').textContent = (frame === 0 ? [] : [kindOf(frame)]).concat(numbers(frame)).join('\n');
    // Beside the pointer, and inside the window.
    const x = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 6);
    const below = event.clientY + 18;
    const y = below + tip.offsetHeight + 6 > window.innerHeight ? event.clientY - tip.offsetHeight - 10 : below;
    tip.style.transform = `translate(${Math.max(4, x)}px, ${Math.max(4, y)}px)`;
  }
}

function leave() {
  element('tip').hidden = true;
  if (graph.hovered >= 0) {
    graph.hovered = -1;
    describe();
    graph.draw();
  }
}

const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

function listen() {
  for (const id of ['icicle', 'callers', 'before', 'theme', 'regex']) {
    element(id).addEventListener('click', () => toggle(id));
  }
  element('reset').addEventListener('click', () => zoom(0));
  element('help').addEventListener('click', () => element('manual').showModal());
  element('next').addEventListener('click', () => goToMatch(1));
  element('previous').addEventListener('click', () => goToMatch(-1));
  element('search').addEventListener('input', (event) => searchFor(event.target.value));
  graph.canvas.addEventListener('pointermove', onPointer);
  graph.canvas.addEventListener('pointerleave', leave);
  graph.canvas.addEventListener('click', (event) => {
    const frame = graph.frameAt(event.clientX, event.clientY);
    element('tip').hidden = true;
    if (frame >= 0) {
      graph.selected = frame;
      graph.hovered = -1;
      zoom(frame);
      describe();
      graph.draw();
    }
  });
  graph.canvas.addEventListener('contextmenu', (event) => {
    if (graph.frameAt(event.clientX, event.clientY) >= 0) {
      event.preventDefault();
      copyName();
    }
  });
  graph.box.addEventListener('scroll', () => {
    leave();
    graph.draw();
  });
  document.addEventListener('keydown', onKey);
  window.addEventListener('popstate', recall);
  systemDark.addEventListener('change', show);
  new ResizeObserver(() => {
    if (graph.canvas.clientHeight !== graph.box.clientHeight || graph.resize(facts.width) !== graph.layoutWidth) {
      show();
    }
  }).observe(graph.box);
}

async function start() {
  document.documentElement.dataset.theme = systemDark.matches ? 'dark' : 'light';
  try {
    stacks = await readStacks(element('stacks').textContent);
  } catch (failure) {
    element('name').textContent = `The data of this page cannot be read by this browser: ${failure}`;
    return;
  }
  element('stacks').remove();
  element('before').hidden = element('beforekey').hidden = !stacks.differential;
  colours = new Colours(facts, stacks);
  graph = new Graph(stacks, colours);
  countKinds();
  recall();
  listen();
}

start();
