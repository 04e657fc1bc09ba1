// Package rotate walks a target through the rotation of its signing key, as an
// operator would do it, under traffic that never stops (KEYS 9 to 11).
//
// Key A is the one before, key B the one after. A drill has four stages: the
// target holds A; it holds B, with A as its fallback; the server turns from A
// to B; the target holds B alone. Between stages whose environment differs a
// new process takes the place of the old one behind a small proxy. Nothing
// authentic may be refused on the way, nothing forged accepted, and no request
// to the API may be refused for good; A must stop working at the last stage.
//
// [Drill] does it all and gives a [Result], which [Text] sets for a terminal,
// [SVG] draws and [JSON] writes as rotation.schema.json describes it.
package rotate
