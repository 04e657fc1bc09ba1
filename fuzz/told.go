package fuzz

import (
	"bytes"
	"fmt"
	"strings"
)

// Wire is the request as bytes on the wire, with tokens in the place of secrets.
func (m Message) Wire() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", m.Method, m.Target)
	for _, f := range m.Header {
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, f.Value)
	}
	b.WriteString("\r\n")
	b.Write(m.Body)
	return b.Bytes()
}

// Script is the request as a curl command. It is to be read, not run: its MAC is
// a token, and its time is over. `countersign replay` signs it anew.
func (f Finding) Script() []byte {
	var b bytes.Buffer
	b.WriteString("# To be read. `countersign replay` signs it anew and sends it byte by byte.\n")
	fmt.Fprintf(&b, "curl --path-as-is -X %s", quoted(f.Request.Method))
	for _, h := range f.Request.Header {
		fmt.Fprintf(&b, " \\\n  -H %s", quoted(h.Name+": "+h.Value))
	}
	if len(f.Request.Body) > 0 {
		b.WriteString(" \\\n  --data-binary " + quoted(string(f.Request.Body)))
	}
	fmt.Fprintf(&b, " \\\n  %s\n", quoted("http://{{host}}"+f.Request.Target))
	return b.Bytes()
}

func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// Readme tells the finding.
func (f Finding) Readme() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s: %s\n\nTarget: %s. Level: %s.\n\n", f.Class, f.Exchange, f.Target, f.Level)
	fmt.Fprintf(&b, "Owed: %s.\nSeen: %s.\n\n", f.Why, f.What)
	if len(f.Kinds) > 0 {
		fmt.Fprintf(&b, "Also on: %s.\n\n", kindsOf(f.Kinds))
	}
	if len(f.Forms) > 0 {
		fmt.Fprintf(&b, "Also as: %s.\n\n", strings.Join(f.Forms, ", "))
	}
	fmt.Fprintf(&b, "The request without the deviation was answered %s, this one %s.\n\n", f.Honest.short(), f.Got.short())
	fmt.Fprintf(&b, "Drawn from seed %d, index %d, neighbour %d; shrunk since. See it again with `countersign replay FOLDER`.\n", f.Seed, f.Index, f.Neighbour)
	return b.Bytes()
}

func kindsOf(kinds []Kind) string {
	var words []string
	for _, k := range kinds {
		words = append(words, string(k))
	}
	return strings.Join(words, ", ")
}

func (r Response) short() string {
	switch {
	case r.NoAnswer != "":
		return "not at all"
	case r.Runs > 0:
		return fmt.Sprintf("with %d, and the function ran", r.Status)
	}
	return fmt.Sprintf("with %d", r.Status)
}
