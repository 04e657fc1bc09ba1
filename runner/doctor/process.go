package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// failure is a step that failed with an error.
func failure(err error) Step {
	s := Step{State: Failed, Observed: err.Error()}
	var described *page.Error
	var notStarted *engine.StartError
	switch {
	case errors.As(err, &described):
		s.Observed, s.Remedy, s.Output = described.Sentence, described.Hint, described.Output
	case errors.As(err, &notStarted):
		s.Observed, s.Output = notStarted.Reason, notStarted.Output
	}
	return s
}

func (e *examination) tools(ctx context.Context) Step {
	found, err := e.lab.Requirements(ctx)
	if err != nil {
		return failure(err)
	}
	var words []string
	for _, r := range found {
		word := strings.TrimSpace(r.Name + " " + r.Found)
		if r.Minimum != "" {
			word += " (at least " + r.Minimum + ")"
		}
		words = append(words, word)
	}
	if len(words) == 0 {
		return Step{State: OK, Observed: "target.yaml requires none"}
	}
	return Step{State: OK, Observed: strings.Join(words, ", ")}
}

func (e *examination) setup(ctx context.Context) Step {
	if !e.installs {
		return Step{State: OK, Observed: "target.yaml has none"}
	}
	before, started := e.lab.Installed(ctx), time.Now()
	e.say("preparing %s", e.lab.Name())
	if err := e.lab.Prepare(ctx); err != nil {
		return failure(err)
	}
	if before {
		return Step{State: OK, Observed: "it was installed before, and nothing has changed since"}
	}
	return Step{State: OK, Observed: fmt.Sprintf("installed within %s", time.Since(started).Round(100*time.Millisecond))}
}

// capturing is a lab that keeps the target that it starts.
type capturing struct {
	*launch.Lab
	into *launch.Process
}

func (c capturing) Start(ctx context.Context, s suite.Setup) (engine.Target, error) {
	t, err := c.Lab.Start(ctx, s)
	if process, is := t.(launch.Process); is && err == nil {
		*c.into = process
	}
	return t, err
}

func (e *examination) start(ctx context.Context) Step {
	e.say("starting %s", e.lab.Name())
	started := time.Now()
	e.session, e.startErr = engine.OpenSession(ctx, capturing{e.lab, &e.process}, suite.Setup{})
	var silent *launch.StartFailure
	switch {
	case e.startErr == nil:
		return Step{State: OK, Observed: fmt.Sprintf("it responded after %s", time.Since(started).Round(time.Millisecond))}
	case errors.As(e.startErr, &silent) && !silent.Exited:
		return Step{State: OK, Observed: "the process runs"}
	}
	s := failure(e.startErr)
	s.Remedy = "the start command has to keep running in the foreground; run it by hand with PORT set, and read what it says"
	return s
}

func (e *examination) port(context.Context) Step {
	if e.startErr == nil {
		return Step{State: OK, Observed: fmt.Sprintf("http://%s%s responds", e.process.Host(), e.process.Path())}
	}
	s := failure(e.startErr)
	s.Remedy = "the app has to listen on 127.0.0.1, at the port that the variable PORT names"
	var silent *launch.StartFailure
	if errors.As(e.startErr, &silent) && len(silent.Listening) == 0 {
		s.Remedy += "; if it only takes longer, allow more with --start-limit, or `limits: {start: …}` in target.yaml"
	}
	return s
}

func (e *examination) listener(context.Context) Step {
	sockets := e.process.Sockets()
	_, port, _ := net.SplitHostPort(e.process.Host())
	switch {
	case !sockets.Known:
		return Step{State: Unknown, Observed: "this system does not say which process listens on a port"}
	case sockets.Serves(port):
		return Step{State: OK, Observed: "the process that was started, or a child of it: " + strings.Join(sockets.Own, ", ")}
	case sockets.Other != "":
		return Step{State: Failed, Observed: "another process listens on the port: " + sockets.Other,
			Remedy: "the start command must not hand its port to a process that is not its child; if that program is not yours, try again"}
	}
	return Step{State: Failed, Observed: "a process that cannot be identified listens on the port",
		Remedy: "the start command must not hand its port to a process of another user or container"}
}

func (e *examination) cleanStop(context.Context) Step {
	e.session.Stop()
	switch end := e.process.Ending(); {
	case end.Killed:
		return Step{State: Failed, Observed: "it did not exit when it was terminated, and had to be killed",
			Remedy: "exit on SIGTERM; a shell or a package manager that starts the app has to pass it on (sh: `exec`)"}
	case end.Left > 0:
		return Step{State: Failed, Observed: page.Count(end.Left, "process") + " that it had started ran on",
			Remedy: "start nothing that leaves the process group; what is started has to end with the app"}
	case end.Holding:
		return Step{State: Failed, Observed: "something still listens on its port", Remedy: "what is started has to end with the app"}
	case strings.HasPrefix(end.How, "exited"):
		return Step{State: OK, Observed: "it " + end.How}
	default:
		return Step{State: OK, Observed: "it ended on SIGTERM"}
	}
}
