// Owns the beginning and the end of a session as a module sees them: init, cleanup, and their deadlines.

package hub

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

const (
	// stopGrace is what calls get to end after module_cleanup cancelled them, cleanupTime what OnCleanup gets:
	// together less than the 4 seconds in which module_cleanup must be answered (HUB-CLEAN-1).
	stopGrace   = time.Second
	cleanupTime = 2500 * time.Millisecond

	// The three below are less than the second in which a module must end after its standard input did (HUB-LIFE-4).
	// endGrace lets `printf '...' | ./module` see its answer.
	endGrace       = 200 * time.Millisecond
	endCleanupTime = 400 * time.Millisecond
	endFlushTime   = 100 * time.Millisecond
	// endAnyhow is when the process ends even if all of that is held up.
	endAnyhow = 900 * time.Millisecond
)

// beginInit says whether this module_init is the first, and may be done.
func (s *session) beginInit() bool {
	return s.phase.CompareAndSwap(fresh, initialising)
}

// initialise does module_init.
func (s *session) initialise(c *call, first bool) {
	if !first {
		s.answer(c, nil, NewError(CodeInvalidRequest, "module_init comes once, before the end", nil))
		return
	}
	result, err := protected(func() (any, error) { return s.module.initialise(c) })
	// The answer first: a function that waits for it must not be answered before it.
	s.answer(c, result, err)
	_, isDisabled := result.(map[string]string)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ran = err == nil && !isDisabled
	next := running
	if !s.ran {
		next = unfit
	}
	s.phase.CompareAndSwap(initialising, next)
	close(s.started)
}

type initParams struct {
	Config        json.RawMessage `json:"config,omitempty"`
	DataDirectory string          `json:"data_directory,omitempty"`
}

func (m *Module) initialise(c *call) (any, error) {
	var given initParams
	if err := (types.Binder{}).Bind(&given, c.params); err != nil {
		return nil, err
	}
	if given.Config == nil {
		given.Config = json.RawMessage("{}")
	}
	if codec.Kind(given.Config) != "object" {
		return nil, &types.BadValue{Pointer: "/config", Reason: "must be an object"}
	}
	if m.onInit == nil {
		return struct{}{}, nil
	}
	err := m.onInit(c, given.Config, given.DataDirectory)
	var off *disabled
	if errors.As(err, &off) {
		return map[string]string{"disable": off.reason}, nil
	}
	return struct{}{}, err
}

// cleanUp does module_cleanup: the other calls first, then the author's hook, then the last frame of all (HUB-CLEAN-2).
func (s *session) cleanUp(c *call) {
	s.mu.Lock()
	ran := s.ran
	s.phase.Store(stopping)
	var others []*call
	for _, other := range s.calls {
		if other != c {
			others = append(others, other)
		}
	}
	s.mu.Unlock()
	for _, other := range others {
		other.cancel(errStopping)
	}
	s.waitForCalls(c, stopGrace)
	if ran {
		ctx, cancel := context.WithTimeout(c, cleanupTime)
		defer cancel()
		s.runCleanup(ctx)
	}
	c.finish()
	s.out.last(codec.WriteResult(c.id, []byte("{}")))
}

// runCleanup runs the author's hook, once in a session, and does not wait for it longer than ctx lasts.
func (s *session) runCleanup(ctx context.Context) {
	if s.module.onCleanup == nil {
		return
	}
	s.cleanup.Do(func() {
		go func() {
			defer close(s.cleaned)
			_, err := protected(func() (struct{}, error) { return struct{}{}, s.module.onCleanup(ctx) })
			if err != nil {
				s.log.Error("cleanup failed", "error", err.Error())
			}
		}()
	})
	select {
	case <-s.cleaned:
	case <-ctx.Done():
		s.log.Warn("cleanup did not end in its time")
	}
}
