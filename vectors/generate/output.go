package main

// output is the content of one file.
type output struct {
	name, about string
	count       int
	text        []byte
}
