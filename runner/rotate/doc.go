// Package rotate replaces the signing key of a target step by step, as an
// operator would, while requests keep coming (KEYS 9 to 11).
//
// Key A is the old key, key B the new one. A drill has four stages: the target
// holds A; it holds B, with A as its fallback; the server changes from A to B;
// the target holds B alone. Between stages whose environment differs a new
// process takes over from the old one, as in a deployment without downtime: new
// requests go to the new process, and the old one ends when it has responded to
// all of its own. No authentic request may be refused, no forged one accepted,
// and no request to the API may be refused for good; A must work as long as the
// target holds it, and stop working at the last stage. An expired call that is
// accepted is a [Finding] of its own: a replay window is no part of a rotation.
//
// [Run] does all of it and gives a [Rotation]. [Text] prints it for a terminal;
// [Formats] write it as an SVG picture, as an HTML page and as JSON, which
// rotation.schema.json describes.
package rotate
