// SPDX-License-Identifier: Apache-2.0
// The data of the page: see TreeCodec.java for the bytes.

/** The frames as a tree, in the order in which they come: each before its children. Frame 0 is the root. */
class Calls {
  constructor(size) {
    this.size = size;
    this.name = new Int32Array(size);
    this.parent = new Int32Array(size);
    this.end = new Int32Array(size); // behind the last descendant
    this.depth = new Uint16Array(size);
    this.self = new Float64Array(size); // of stacks that end here
    this.selfBefore = this.self;
    this.total = this.self;
    this.before = this.self;
  }

  first(frame) {
    return this.end[frame] > frame + 1 ? frame + 1 : -1;
  }

  next(frame) {
    const next = this.end[frame];
    return frame > 0 && next < this.end[this.parent[frame]] ? next : -1;
  }

  /** How many frames there are from this one on. */
  count(frame) {
    return this.end[frame] - frame;
  }

  /** Whether it is the first frame of its stack. */
  isFirst(frame) {
    return this.depth[frame] === 1;
  }
}

/** The text of an element with compressed bytes, as { differential, names, kinds, calls }. */
async function readStacks(text) {
  const packed = atob(text);
  const compressed = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i++) {
    compressed[i] = packed.charCodeAt(i);
  }
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('deflate'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let at = 0;
  // Counts can have 63 bits, of which a number keeps the highest 53.
  const number = () => {
    let byte = bytes[at++];
    if (byte < 128) {
      return byte;
    }
    let value = byte & 127;
    let unit = 128;
    do {
      byte = bytes[at++];
      value += (byte & 127) * unit;
      unit *= 128;
    } while (byte >= 128);
    return value;
  };

  const differential = number() === 1;
  const nameCount = number();
  const nameBytes = number();
  const names = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(at, at + nameBytes)).split('\n');
  names.length = nameCount;
  at += nameBytes;
  const kinds = bytes.slice(at, at + nameCount);
  at += nameCount;

  const size = number();
  const calls = new Calls(size);
  const left = new Int32Array(1 << 15); // by depth: children that are still to come
  for (let frame = 0, depth = 0, last = 0; frame < size; frame++) {
    while (frame > 0 && left[depth] === 0) {
      calls.end[last] = frame;
      last = calls.parent[last];
      depth--;
    }
    if (frame > 0) {
      left[depth]--;
      depth++;
      calls.parent[frame] = last;
    }
    last = frame;
    left[depth] = number();
    calls.depth[frame] = depth;
    if (frame === size - 1) {
      for (; last > 0; last = calls.parent[last]) {
        calls.end[last] = size;
      }
      calls.end[0] = size;
    }
  }
  const nextName = new Int32Array(1 << 15); // by depth: the least number that a name can have
  for (let frame = 1; frame < size; frame++) {
    const depth = calls.depth[frame];
    if (calls.parent[frame] === frame - 1) {
      nextName[depth] = 0;
    }
    calls.name[frame] = nextName[depth] + number();
    nextName[depth] = calls.name[frame] + 1;
  }
  const counts = () => {
    const self = new Float64Array(size);
    for (let frame = 0; frame < size; frame++) {
      self[frame] = number();
    }
    const total = self.slice();
    for (let frame = size - 1; frame > 0; frame--) {
      total[calls.parent[frame]] += total[frame];
    }
    return [self, total];
  };
  [calls.self, calls.total] = counts();
  [calls.selfBefore, calls.before] = differential ? counts() : [calls.self, calls.total];
  return { differential, names, kinds, calls };
}
