package main

import "io"

// app is the program: its streams, and the exit code that a subcommand sets.
type app struct {
	self           string // how the program was called, for commands to be copied
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	code           int
}
