//go:build ignore

package main

import "github.com/inngest/inngestgo"

// input is what a function gets from 0.11.0 on: its type parameter is the
// event's data.
type input = inngestgo.Input[map[string]any]
