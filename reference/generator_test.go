package reference_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
)

// generator generates JSON documents in varied encodings; equal seeds give equal
// documents. Every document has a canonical form.
type generator struct {
	*rand.Rand
	text []byte
}

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 8785))}
}

func (g *generator) document() []byte {
	g.text = nil
	g.value(3)
	return g.text
}

// corrupt changes one byte of a document, or adds or removes one.
func (g *generator) corrupt(document []byte) []byte {
	const bytes = "\x00 \"'+,-.019:[\\]abeEux{}\x7f\x80\xbf\xc3\xed\xf0\xff"
	at, c := g.IntN(len(document)), bytes[g.IntN(len(bytes))]
	switch g.IntN(3) {
	case 0:
		return slices.Insert(slices.Clone(document), at, c)
	case 1:
		return slices.Delete(slices.Clone(document), at, at+1)
	}
	corrupted := slices.Clone(document)
	corrupted[at] = c
	return corrupted
}

func (g *generator) value(depth int) {
	g.space()
	switch kind := g.IntN(10); {
	case kind < 2 && depth > 0:
		g.array(depth - 1)
	case kind < 6 && depth > 0:
		g.object(depth - 1)
	case kind < 8:
		g.number()
	case kind < 9:
		g.string(g.letters())
	default:
		g.write([]string{"null", "true", "false"}[g.IntN(3)])
	}
	g.space()
}

func (g *generator) array(depth int) {
	g.write("[")
	for i := range g.IntN(4) {
		if i > 0 {
			g.write(",")
		}
		g.value(depth)
	}
	g.write("]")
}

func (g *generator) object(depth int) {
	g.write("{")
	seen := map[string]bool{}
	for range g.IntN(5) {
		name := g.letters()
		if seen[string(name)] {
			continue
		}
		if len(seen) > 0 {
			g.write(",")
		}
		seen[string(name)] = true
		g.space()
		g.string(name)
		g.space()
		g.write(":")
		g.value(depth)
	}
	g.write("}")
}

// number writes a double in one of several forms, some of them with more digits
// than a double can hold.
func (g *generator) number() {
	switch g.IntN(9) {
	case 0:
		g.write(strconv.Itoa(g.IntN(2000) - 1000))
	case 1:
		g.write(fmt.Sprintf("%d", int64(g.Uint64())))
	case 2:
		g.write(fmt.Sprintf("%d%020d", 1+g.Uint64N(9), g.Uint64()))
	case 3:
		g.write(fmt.Sprintf("%d.%0*d", g.IntN(1000), 1+g.IntN(25), g.IntN(1000)))
	case 4:
		g.write(fmt.Sprintf("-%de%+d", g.IntN(100), g.IntN(640)-340))
	case 5:
		g.write(fmt.Sprintf("%d.%dE%02d", g.IntN(10), g.Uint64(), g.IntN(30)))
	case 6:
		g.write(strconv.FormatFloat(math.Ldexp(g.NormFloat64(), g.IntN(200)-100), 'f', -1, 64))
	default:
		g.write(strconv.FormatFloat(g.double(), "eg"[g.IntN(2)], g.IntN(20)-1, 64))
	}
}

// double draws random bits, so that every magnitude is equally likely.
func (g *generator) double() float64 {
	for {
		if f := math.Float64frombits(g.Uint64()); !math.IsNaN(f) && math.Abs(f) < math.MaxFloat64/10 {
			return f
		}
	}
}

// letters draws a short text of characters that sort and escape differently.
func (g *generator) letters() []rune {
	const alphabet = "\x00\b\t\n\x0b\f\r\x1b !\"&'/09<>A\\az\x7f\u0080éöſ€\u2028\ud7ff\ue000\ufb33\ufeff\ufffd\uffff\U00010000😀\U0010ffff"
	all, letters := []rune(alphabet), make([]rune, g.IntN(4))
	for i := range letters {
		letters[i] = all[g.IntN(len(all))]
	}
	return letters
}

func (g *generator) string(letters []rune) {
	g.write(`"`)
	for _, r := range letters {
		g.letter(r)
	}
	g.write(`"`)
}

// letter writes a character raw, where that is allowed, or in one of its escaped forms.
func (g *generator) letter(r rune) {
	short, hasShort := map[rune]string{'"': `\"`, '\\': `\\`, '/': `\/`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}[r]
	mustEscape := r < ' ' || r == '"' || r == '\\'
	switch how := g.IntN(3); {
	case how == 0 && hasShort:
		g.write(short)
	case how == 1 || mustEscape:
		g.escape(r)
	default:
		g.write(string(r))
	}
}

func (g *generator) escape(r rune) {
	format := []string{`\u%04x`, `\u%04X`}[g.IntN(2)]
	if r < 0x10000 {
		g.write(fmt.Sprintf(format, r))
		return
	}
	r -= 0x10000
	g.write(fmt.Sprintf(format+format, 0xd800+r>>10, 0xdc00+r&0x3ff))
}

func (g *generator) space() {
	if g.IntN(4) == 0 {
		g.write([]string{" ", "\n", "\t", "\r\n", "   "}[g.IntN(5)])
	}
}

func (g *generator) write(text string) { g.text = append(g.text, text...) }
