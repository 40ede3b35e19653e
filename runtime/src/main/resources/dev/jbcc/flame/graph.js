// SPDX-License-Identifier: Apache-2.0
// Draws a layout, as far as it is in view.

const ROW = 18;
const FONT = '12px "DejaVu Sans Mono", "Liberation Mono", Menlo, Consolas, monospace';
const PADDING = 4; // of a label in its frame
const SIDE = 8; // left and right of the graph
const JAVA_NAME = /^(?:[\w$]+\/)+[\w$.<>]+$/;

class Graph {
  constructor(stacks, colours) {
    this.stacks = stacks;
    this.colours = colours;
    this.box = document.getElementById('graph');
    this.content = document.getElementById('rows');
    this.canvas = document.getElementById('canvas');
    this.context = this.canvas.getContext('2d', { alpha: false });
    this.tree = null;
    this.layout = null;
    this.layoutWidth = 0;
    this.icicle = false;
    this.matching = null; // by name: whether it matches the search
    this.selected = -1;
    this.hovered = -1;
    this.drawn = 0; // how many times, for the tests
  }

  get width() {
    return this.canvas.clientWidth;
  }

  get height() {
    return Math.max(this.layout.rows.length * ROW + 1, this.box.clientHeight);
  }

  /** Where a row's upper edge is, from the top of the content. */
  top(depth) {
    return this.icicle ? depth * ROW : this.height - (depth + 1) * ROW;
  }

  depthAt(y) {
    return Math.floor(this.icicle ? y / ROW : (this.height - 1 - y) / ROW);
  }

  /** The frame at a point of the window, or -1. */
  frameAt(clientX, clientY) {
    const place = this.canvas.getBoundingClientRect();
    if (clientX < place.left || clientX >= place.right || clientY < place.top || clientY >= place.bottom) {
      return -1;
    }
    const depth = this.depthAt(clientY - place.top + this.box.scrollTop);
    const i = this.layout.at(depth, clientX - place.left);
    return i < 0 ? -1 : this.layout.rows[depth].frames[i];
  }

  /** The middle of a frame in the window, or null when it is not drawn. */
  placeOf(frame) {
    const found = this.layout.find(this.tree, frame);
    if (found === null) {
      return null;
    }
    const place = this.canvas.getBoundingClientRect();
    const row = this.layout.rows[found.depth];
    return {
      x: place.left + row.x[found.i] + row.width[found.i] / 2,
      y: place.top + this.top(found.depth) + ROW / 2 - this.box.scrollTop,
      width: row.width[found.i],
    };
  }

  /** Scrolls until a row is in view, and away from the edge. */
  reveal(depth) {
    const top = this.top(depth);
    const spare = Math.min(2 * ROW, this.box.clientHeight / 4);
    if (top - spare < this.box.scrollTop) {
      this.box.scrollTop = top - spare;
    } else if (top + ROW + spare > this.box.scrollTop + this.box.clientHeight) {
      this.box.scrollTop = top + ROW + spare - this.box.clientHeight;
    }
  }

  resize(maxWidth) {
    const room = this.box.clientWidth - 2 * SIDE;
    const width = Math.max(1, maxWidth > 0 ? Math.min(maxWidth, room) : room);
    const height = this.box.clientHeight;
    const ratio = window.devicePixelRatio || 1;
    this.content.style.width = width + 'px';
    this.canvas.style.width = width + 'px';
    this.canvas.style.height = height + 'px';
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    return width;
  }

  setLayout(tree, layout) {
    this.tree = tree;
    this.layout = layout;
    this.content.style.height = this.height + 'px';
  }

  draw() {
    const { context, layout, canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const style = getComputedStyle(document.documentElement);
    const look = {
      ratio,
      page: style.getPropertyValue('--page').trim(),
      text: style.getPropertyValue('--text').trim(),
      match: [style.getPropertyValue('--match').trim(), style.getPropertyValue('--match-text').trim()],
    };
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = look.page;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = FONT;
    context.textBaseline = 'middle';
    context.direction = 'ltr';
    look.letter = context.measureText('0').width;
    const scroll = this.box.scrollTop;
    for (let depth = 0; depth < layout.rows.length; depth++) {
      const y = this.top(depth) - scroll;
      if (y + ROW > 0 && y < canvas.clientHeight) {
        this.drawRow(depth, y, look);
      }
    }
    this.outline(this.hovered, 1, look, scroll);
    this.outline(this.selected, 2, look, scroll);
    this.drawn++;
  }

  drawRow(depth, y, look) {
    const { context, tree, layout, colours } = this;
    const row = layout.rows[depth];
    const faded = depth < layout.zoomDepth;
    const snap = (x) => Math.round(x * look.ratio) / look.ratio;
    const height = ROW - 1 / look.ratio;
    let covered = -1; // up to here the row has something in it
    for (let i = 0; i < row.frames.length; i++) {
      const frame = row.frames[i];
      const matches = this.matching !== null && frame > 0 && this.matching[tree.name[frame]] === 1;
      const left = snap(row.x[i]);
      const right = Math.max(snap(row.x[i] + row.width[i]), left + 1 / look.ratio);
      if (right <= covered && !matches) {
        continue; // many frames share this pixel
      }
      covered = right;
      const [fill, text] = matches ? look.match : colours.of(tree, frame);
      const pale = faded || (this.matching !== null && !matches);
      const gap = right - left > 3 ? 1 / look.ratio : 0;
      context.globalAlpha = pale ? 0.4 : 1;
      context.fillStyle = fill;
      context.fillRect(left, y, right - left - gap, height);
      context.globalAlpha = 1;
      const isNew = this.stacks.differential && tree.before[frame] === 0 && tree.total[frame] > 0 && right - left > 8;
      if (isNew) {
        context.fillStyle = look.text;
        context.fillRect(left, y, 3, height);
      }
      const room = right - left - 2 * PADDING - (isNew ? 3 : 0);
      if (room >= 4 * look.letter) {
        context.fillStyle = pale ? look.text : text;
        let name = shownName(this.stacks.names, frame === 0 ? -1 : tree.name[frame]);
        if (name.length * look.letter > room && JAVA_NAME.test(name)) {
          name = name.slice(name.lastIndexOf('/') + 1); // the class says more than the start of its package
        }
        this.label(name, left + PADDING + (isNew ? 3 : 0), y + height / 2 + 0.5, room, look);
      }
    }
  }

  /** As much of the text as there is room for. */
  label(text, x, y, room, look) {
    const { context } = this;
    const fits = Math.floor(room / look.letter);
    if (/^[ -~]*$/.test(text)) {
      context.fillText(text.length <= fits ? text : text.slice(0, fits - 1) + '…', x, y);
      return;
    }
    // Letters of other scripts are not all of one width.
    let letters = Array.from(text.slice(0, 4 * fits + 4));
    if (letters.length === Array.from(text).length && context.measureText(text).width <= room) {
      context.fillText(text, x, y);
      return;
    }
    let low = 0;
    let high = letters.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (context.measureText(letters.slice(0, middle).join('') + '…').width <= room) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    if (low > 0) {
      context.fillText(letters.slice(0, low).join('') + '…', x, y);
    }
  }

  outline(frame, thickness, look, scroll) {
    const found = frame < 0 ? null : this.layout.find(this.tree, frame);
    if (found === null) {
      return;
    }
    const row = this.layout.rows[found.depth];
    const half = thickness / 2;
    this.context.strokeStyle = look.text;
    this.context.lineWidth = thickness;
    this.context.strokeRect(row.x[found.i] + half, this.top(found.depth) - scroll + half,
      Math.max(row.width[found.i] - thickness - 1 / look.ratio, 1), ROW - thickness - 1 / look.ratio);
  }
}
