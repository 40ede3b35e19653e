// SPDX-License-Identifier: Apache-2.0
// The same stacks upside down.

/**
 * The functions at the ends of the stacks, above each of them its callers, and so on, merged by name. A frame's children are
 * made only when they are asked for, for there can be as many frames as all stacks have together.
 */
class Callers {
  constructor(calls) {
    this.calls = calls;
    const leaves = [];
    for (let frame = 0; frame < calls.size; frame++) {
      if (calls.self[frame] > 0 || calls.selfBefore[frame] > 0) {
        leaves.push(frame);
      }
    }
    // The stacks of a frame are those from `from` to `to`; for each the frame of Calls that it ends with, and the one that
    // it has here.
    this.leaf = Int32Array.from(leaves);
    this.cursor = this.leaf.slice();
    this.size = 1;
    this.name = [-1];
    this.parent = [0];
    this.depth = [0];
    this.total = [calls.total[0]];
    this.before = [calls.before[0]];
    this.from = [0];
    this.to = [leaves.length];
    this.children = [-1]; // the first one; -1: not made yet
    this.childCount = [0];
    this.ofProcess = [false];
  }

  first(frame) {
    if (this.children[frame] < 0) {
      this.expand(frame);
    }
    return this.childCount[frame] > 0 ? this.children[frame] : -1;
  }

  next(frame) {
    const parent = this.parent[frame];
    return frame > 0 && frame + 1 < this.children[parent] + this.childCount[parent] ? frame + 1 : -1;
  }

  /** How many frames are known to be from this one on. */
  count() {
    return 1;
  }

  isFirst(frame) {
    return this.ofProcess[frame];
  }

  expand(frame) {
    const { calls, leaf, cursor } = this;
    const from = this.from[frame];
    const to = this.to[frame];
    // A child's cursor goes one up; that of a child of the root is the leaf itself. -1: the stack has no more frames.
    const up = new Int32Array(to - from);
    const groups = new Map(); // by name
    for (let i = from; i < to; i++) {
      const above = frame === 0 ? cursor[i] : calls.parent[cursor[i]];
      up[i - from] = above;
      const name = above === 0 ? -1 : calls.name[above];
      groups.set(name, (groups.get(name) ?? 0) + 1);
    }
    const order = [...groups.keys()].sort((a, b) => a - b);
    const starts = new Map();
    let start = from;
    for (const name of order) {
      starts.set(name, start);
      start += groups.get(name);
    }
    const leaves = leaf.slice(from, to);
    for (let i = 0; i < up.length; i++) {
      const name = up[i] === 0 ? -1 : calls.name[up[i]];
      const place = starts.get(name);
      starts.set(name, place + 1);
      leaf[place] = leaves[i];
      cursor[place] = up[i] === 0 ? cursor[place] : up[i];
    }
    this.children[frame] = this.size;
    this.childCount[frame] = order.length - (groups.has(-1) ? 1 : 0);
    for (const name of order) {
      if (name >= 0) {
        const end = starts.get(name);
        this.add(frame, name, end - groups.get(name), end);
      }
    }
  }

  add(parent, name, from, to) {
    let total = 0;
    let before = 0;
    for (let i = from; i < to; i++) {
      total += this.calls.self[this.leaf[i]];
      before += this.calls.selfBefore[this.leaf[i]];
    }
    this.size++;
    this.name.push(name);
    this.parent.push(parent);
    this.depth.push(this.depth[parent] + 1);
    this.total.push(total);
    this.before.push(before);
    this.from.push(from);
    this.to.push(to);
    this.children.push(-1);
    this.childCount.push(0);
    this.ofProcess.push(this.calls.depth[this.cursor[from]] === 1);
  }
}
