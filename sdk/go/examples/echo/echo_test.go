// Owns the tests of the example, as an author would write them.

package main

import (
	"errors"
	"testing"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

func TestTheExamplesAreTrue(t *testing.T) { hubtest.Start(t, module()).CheckExamples(t) }

func TestCountingReportsEachStep(t *testing.T) {
	var reports []hubtest.Progress
	s := hubtest.Start(t, module(), hubtest.Settings{OnProgress: func(p hubtest.Progress) { reports = append(reports, p) }})
	counted, err := hubtest.Call[[]string](s, t.Context(), "count", countArgs{To: 2})
	if err != nil || len(counted) != 2 || len(reports) != 2 || reports[1].Done != 2 {
		t.Errorf("got %v, %v, %v", counted, err, reports)
	}
}

func TestArgumentsAreChecked(t *testing.T) {
	s := hubtest.Start(t, module())
	var refused *hub.Error
	if _, err := s.Call(t.Context(), "count", countArgs{To: 101}); !errors.As(err, &refused) || refused.Code != hub.CodeInvalidParams {
		t.Errorf("got %v", err)
	}
}
