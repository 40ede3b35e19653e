// SPDX-License-Identifier: Apache-2.0
// What a frame is called and which colour it has; the colours are those of Palette.java.

const SHADES = 3;
const MIDDLE = 4; // of the nine differential colours
const LIMITS = [0.02, 0.15, 0.4, 0.75];
const SUFFIX = /_\[[kji01]\]$/;

/** The text of a name without the suffix that says its kind. */
function shownName(names, name) {
  return name < 0 ? 'all' : names[name].replace(SUFFIX, '');
}

class Colours {
  constructor(facts, stacks) {
    this.facts = facts;
    this.stacks = stacks;
    this.shades = new Uint8Array(stacks.names.length).fill(255);
    this.dark = false;
  }

  kind(tree, frame) {
    const kinds = this.stacks.kinds[tree.name[frame]];
    return tree.isFirst(frame) ? kinds >> 4 : kinds & 15;
  }

  /** [fill, text] of a frame. */
  of(tree, frame) {
    const theme = this.dark ? this.facts.dark : this.facts.light;
    if (this.stacks.differential) {
      return theme.steps[this.step(tree.before[frame], tree.total[frame])];
    }
    return frame === 0 ? theme.kinds[0] : theme.kinds[this.kind(tree, frame) * SHADES + this.shade(tree.name[frame])];
  }

  ofKind(kind) {
    return (this.dark ? this.facts.dark : this.facts.light).kinds[kind * SHADES];
  }

  ofStep(step) {
    return (this.dark ? this.facts.dark : this.facts.light).steps[step];
  }

  shade(name) {
    if (this.shades[name] === 255) {
      const text = this.stacks.names[name];
      let hash = 0; // as String.hashCode() of Java
      for (let i = 0; i < text.length; i++) {
        hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
      }
      this.shades[name] = (((hash >> 3) % SHADES) + SHADES) % SHADES;
    }
    return this.shades[name];
  }

  step(before, after) {
    if (before === after) {
      return MIDDLE;
    }
    const change = Math.abs(after - before) / Math.max(before, after);
    let strength = 0;
    while (strength < LIMITS.length && change >= LIMITS[strength]) {
      strength++;
    }
    return after > before ? MIDDLE + strength : MIDDLE - strength;
  }
}
