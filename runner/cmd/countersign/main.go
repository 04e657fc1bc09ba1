// Command countersign tests how an Inngest SDK signs and verifies requests.
//
//	countersign run                               # the embedded reference
//	countersign run --target inngest-js@4.24.0    # a published SDK
//	countersign run --url http://127.0.0.1:3000/api/inngest
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/suite/limits"
)

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limits.Memory)
	}
	launch.Adopt()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // a closed stream is an error of what writes to it, and ends no run
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(execute(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}
