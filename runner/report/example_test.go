package report_test

import (
	"fmt"
	"os"
	"time"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// A report is made of the results of a run. They come from [engine.Judge]; here
// they are written out.
func Example() {
	judged := engine.Judgement{Setups: 1}
	for _, id := range suite.Core {
		c, _ := suite.Find(id)
		judged.Results = append(judged.Results, engine.Result{Case: c, Verdict: engine.Pass})
	}
	judged.Results[2].Verdict = engine.Fail
	judged.Results[2].Expected, judged.Results[2].Observed = "the request is refused", "status 200; the function ran"

	r := report.New(judged, report.Facts{
		Target:  report.Target{Name: "my-sdk", Version: "1.2.3", Kind: report.Launched},
		Command: "countersign run --target my-sdk@1.2.3",
		Seed:    7, Available: 4, Took: time.Second,
		SelfCheck: report.SelfCheck{Endpoints: []report.KnownEndpoint{{Name: "reference", Correct: true, Verdict: "conforms"}}},
	})
	fmt.Println("exit code:", r.Conclusion.ExitCode)
	if err := report.Text(os.Stdout, r, page.Style{Width: 60}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// exit code: 1
	//
	// my-sdk 1.2.3  default tier, seed 7
	//
	//    VIOLATES   judged 4 of 4 cases
	//    3 pass, 1 fail
	//    1 violation in 4 judged cases
	//
	// FAIL  receiving.expired  MUST, replay
	//    requirement  A signature older than five minutes is
	//                 refused.
	//                 SPEC 4.1.3(4): a timestamp that is not
	//                 within the last five minutes must be refused
	//                 KEYS 3: a timestamp is part of what is
	//                 signed, and old requests are refused
	//    set-up       cloud mode, one key
	//    sent         a call signed 5m5s ago
	//    expected     the request is refused
	//    observed     status 200; the function ran
	//    impact       Whoever has recorded one valid request,
	//                 without a key, can run a function again
	//                 later than five minutes after it was signed.
	//    reproduce    countersign run --target my-sdk@1.2.3 --case receiving.expired --seed 7
	//
	//    3 pass · 1 fail · 1 set-up in 1s
	//    self-check: reference passed
	//
	//    VIOLATES
}
