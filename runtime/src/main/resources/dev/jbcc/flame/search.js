// SPDX-License-Identifier: Apache-2.0
// The search, and how much of all it matches.

let matches = []; // visible ones that are not inside of others, from left to right
let currentMatch = -1;

function search() {
  leads = null;
  graph.matching = null;
  element('search').classList.remove('wrong');
  if (state.search === '') {
    return;
  }
  // As in many editors: small letters match capitals too.
  const flags = state.search === state.search.toLowerCase() ? 'iu' : 'u';
  let pattern;
  try {
    pattern = new RegExp(state.regex ? state.search : state.search.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), flags);
  } catch {
    element('search').classList.add('wrong');
    return;
  }
  const { names, calls } = stacks;
  const matching = new Uint8Array(names.length);
  for (let name = 0; name < names.length; name++) {
    matching[name] = pattern.test(shownName(names, name)) ? 1 : 0;
  }
  leads = new Uint8Array(calls.size);
  for (let frame = 1; frame < calls.size; frame++) {
    leads[frame] = leads[calls.parent[frame]] | matching[calls.name[frame]];
  }
  graph.matching = matching;
}

/** The counts of the stacks through a frame that have a match anywhere: each stack once. */
function matched(frame) {
  const { calls } = stacks;
  const self = state.before ? calls.selfBefore : calls.self;
  let sum = 0;
  if (state.callers) {
    for (let i = callers.from[frame]; i < callers.to[frame]; i++) {
      sum += leads[callers.leaf[i]] ? self[callers.leaf[i]] : 0;
    }
  } else {
    for (let i = frame; i < calls.end[frame]; i++) {
      sum += leads[i] ? self[i] : 0;
    }
  }
  return sum;
}

function showMatches() {
  matches = [];
  currentMatch = -1;
  if (graph.matching === null) {
    element('matched').textContent = element('search').classList.contains('wrong') ? 'not a regular expression' : '';
    element('previous').disabled = element('next').disabled = true;
    return;
  }
  const inside = new Set();
  const shown = graph.tree;
  graph.layout.rows.forEach((row) => {
    row.frames.forEach((frame, i) => {
      const isMatch = frame > 0 && graph.matching[shown.name[frame]] === 1;
      const isInside = frame > 0 && inside.has(shown.parent[frame]);
      if (isMatch || isInside) {
        inside.add(frame);
      }
      if (isMatch && !isInside) {
        matches.push({ frame, x: row.x[i] });
      }
    });
  });
  matches.sort((a, b) => a.x - b.x);
  element('previous').disabled = element('next').disabled = matches.length === 0;
  tellMatches();
}

function tellMatches() {
  const all = weights()[0];
  let text = `matched ${percent(matched(0), all)}`;
  if (state.zoom > 0) {
    text += ` of all, ${percent(matched(state.zoom), weights()[state.zoom])} of this`;
  }
  text += currentMatch >= 0 ? `; ${currentMatch + 1} of ${matches.length}` : `; ${grouped(matches.length)} in view`;
  element('matched').textContent = text;
}

function goToMatch(step) {
  if (matches.length === 0) {
    return;
  }
  currentMatch = currentMatch < 0 ? (step > 0 ? 0 : matches.length - 1)
    : (currentMatch + step + matches.length) % matches.length;
  tellMatches();
  select(matches[currentMatch].frame);
}
