// SPDX-License-Identifier: Apache-2.0
// The fragment of the page's address: it keeps what is zoomed, searched and shown.

/** A frame of Callers has no number that is always the same, so it is named by the way that leads to it. */
function zoomText() {
  if (!state.callers) {
    return String(state.zoom);
  }
  const path = [];
  for (let frame = state.zoom; frame > 0; frame = tree().parent[frame]) {
    path.unshift(tree().name[frame]);
  }
  return path.join('.');
}

function zoomOf(text) {
  if (!/^[0-9.]{1,200000}$/.test(text)) {
    return 0;
  }
  if (!state.callers) {
    const frame = Number(text);
    return Number.isInteger(frame) && frame < tree().size && weights()[frame] > 0 ? frame : 0;
  }
  let at = 0;
  for (const name of text.split('.')) {
    let child = tree().first(at);
    while (child >= 0 && tree().name[child] !== Number(name)) {
      child = tree().next(child);
    }
    if (child < 0) {
      return 0;
    }
    at = child;
  }
  return weights()[at] > 0 ? at : 0;
}

function fragment() {
  const parameters = new URLSearchParams();
  const add = (name, value, usual) => value === usual || parameters.set(name, value);
  add('zoom', state.zoom === 0 ? '' : zoomText(), '');
  add('search', state.search, '');
  add('regex', state.regex ? '1' : '0', '0');
  add('icicle', state.icicle ? '1' : '0', facts.icicle ? '1' : '0');
  add('callers', state.callers ? '1' : '0', facts.callers ? '1' : '0');
  add('before', state.before ? '1' : '0', '0');
  add('theme', state.theme, '');
  return parameters.toString();
}

function remember(asNewPlace) {
  const address = '#' + fragment();
  if (address === (location.hash || '#')) {
    return;
  }
  try {
    if (asNewPlace) {
      window.history.pushState(null, '', address);
    } else {
      window.history.replaceState(null, '', address);
    }
  } catch {
    // Some browsers allow few changes in a short time; the next one comes through.
  }
}

function recall() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const flag = (name, usual) => (parameters.has(name) ? parameters.get(name) === '1' : usual);
  state.icicle = flag('icicle', facts.icicle);
  state.callers = flag('callers', facts.callers);
  state.before = stacks.differential && flag('before', false);
  state.regex = flag('regex', false);
  state.search = (parameters.get('search') ?? '').slice(0, 1000);
  const theme = parameters.get('theme');
  state.theme = theme === 'dark' || theme === 'light' ? theme : '';
  state.zoom = zoomOf(parameters.get('zoom') ?? '');
  element('search').value = state.search;
  graph.selected = -1;
  search();
  show();
}
