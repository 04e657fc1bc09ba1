package engine

import (
	"reflect"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
)

// TestNothingIsMissingInEvidence: whoever adds something that verdicts may depend on has
// to write it down, too, and then to name it here.
func TestNothingIsMissingInEvidence(t *testing.T) {
	for _, of := range []struct {
		value any
		known string
	}{
		{suite.Observation{}, "Kind Response NoResponse Closed Died Runs APIRequests Took SignedBy Printed HasOutput Nonce Env Beacon ByGET Cut"},
		{suite.APIRequest{}, "Method Path Query Bearer Header Body Status Elsewhere"},
		{suite.Response{}, "Status Reason Header Body Cut"},
		{suite.Request{}, "Method Target Version Header Body Connection"},
		{facetTrial{}, "letIn open leftOut sent attempts"},
		{facetAttempt{}, "exchange deviations"},
		{lastRequest{}, "setup place before main after"},
		{StartError{}, "Reason Exited Output"},
		// c is the catalogue's; absent, changed and others follow from the evidence; verdictsOnly is an option.
		{record{}, "c stimulus function before main also others culprits after sameShape asCall controlSetup lacks absent changed earlier company together lasts unprepared where facets notStarted err interrupted verdictsOnly"},
	} {
		var fields []string
		for _, field := range reflect.VisibleFields(reflect.TypeOf(of.value)) {
			fields = append(fields, field.Name)
		}
		if got := strings.Join(fields, " "); got != of.known {
			t.Errorf("%T has the fields\n%s\nand those in evidence are\n%s", of.value, got, of.known)
		}
	}
}
