// SPDX-License-Identifier: Apache-2.0
// Which frame is where.

/**
 * The rows of the graph from the root on: for each the frames, from left to right, with their places in pixels. Frames on
 * the way from the root to the zoomed one take the whole width.
 */
class Layout {
  constructor(tree, weights, zoomed, width, minWidth) {
    this.rows = [];
    this.zoomed = zoomed;
    this.zoomDepth = tree.depth[zoomed];
    this.narrow = 0;
    const path = [];
    for (let frame = zoomed; ; frame = tree.parent[frame]) {
      path.unshift(frame);
      if (frame === 0) {
        break;
      }
    }
    for (const frame of path) {
      this.rows.push({ frames: [frame], x: [0], width: [width] });
    }
    const scale = weights[zoomed] > 0 ? width / weights[zoomed] : 0;
    let row = this.rows[this.rows.length - 1];
    while (row.frames.length > 0) {
      const above = { frames: [], x: [], width: [] };
      for (let i = 0; i < row.frames.length; i++) {
        let x = row.x[i];
        for (let child = tree.first(row.frames[i]); child >= 0; child = tree.next(child)) {
          const childWidth = weights[child] * scale;
          if (childWidth >= minWidth && childWidth > 0) {
            above.frames.push(child);
            above.x.push(x);
            above.width.push(childWidth);
          } else {
            this.narrow += tree.count(child);
          }
          x += childWidth;
        }
      }
      if (above.frames.length > 0) {
        this.rows.push(above);
      }
      row = above;
    }
  }

  /** The place in its row of what is at x, or -1. */
  at(depth, x) {
    const row = this.rows[depth];
    if (row === undefined) {
      return -1;
    }
    let low = 0;
    let high = row.frames.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (row.x[middle] <= x) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return x >= row.x[low] && x < row.x[low] + row.width[low] ? low : -1;
  }

  /** Where a frame is, as { depth, i }, or null. */
  find(tree, frame) {
    const depth = tree.depth[frame];
    const i = this.rows[depth] === undefined ? -1 : this.rows[depth].frames.indexOf(frame);
    return i < 0 ? null : { depth, i };
  }
}
