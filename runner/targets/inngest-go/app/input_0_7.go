//go:build ignore

package main

import "github.com/inngest/inngestgo"

// input is what a function gets in versions before 0.11.0: its type parameter is
// the whole event.
type input = inngestgo.Input[event]

// event is the part of an event that the functions read.
type event struct {
	Data map[string]any `json:"data"`
}
