// Owns one connection with a hub: who gets which message; must not know streams, processes or signals.

package hub

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

const (
	// readBytes is what one read asks for: as much as a pipe holds.
	readBytes = 64 * 1024
	// maxOpenRequests bounds the calls that are open at a time. A hub sends at most 64, or what its operator has set (HUB-CALL-5);
	// beyond this somebody floods the module.
	maxOpenRequests = 16384
)

// The phases of a session.
const (
	fresh int32 = iota
	initialising
	running
	unfit // module_init failed, or the module disabled itself
	stopping
)

// session is one connection with a hub. One goroutine reads and answers what must be answered at once; calls are worked on in others.
type session struct {
	module *Module
	info   json.RawMessage
	out    *outbox
	log    *slog.Logger
	newID  func() string // correlation ids

	splitter codec.Splitter // the reader's own, as the two below
	received time.Time      // when the present piece of the stream was there
	opened   []*call        // by it
	maxFrame atomic.Int64
	base     context.Context
	abandon  context.CancelFunc
	refused  chan struct{} // closed when there is no version in common

	refuseOnce sync.Once
	phase      atomic.Int32
	workers    workers
	slots      chan struct{} // nil where all calls may be worked on

	mu      sync.Mutex
	inForce map[string]bool
	started chan struct{} // closed when module_init is answered
	ran     bool          // module_init ended well, so there is something to clean up
	calls   map[codec.ID]*call
	asked   map[codec.ID]chan codec.Message
	lastID  int64
	asking  chan struct{}
	cleanup sync.Once
	cleaned chan struct{}
}

func newSession(ctx context.Context, m *Module, out io.Writer, log *slog.Logger) (*session, error) {
	info, err := m.introduction()
	if _, capsErr := m.capabilities(); capsErr != nil || err != nil {
		return nil, cmp.Or(capsErr, err)
	}
	s := &session{
		module: m, info: info, out: newOutbox(out), log: log, newID: correlationID,
		splitter: codec.Splitter{MaxBytes: codec.MaxFrameBytes},
		refused:  make(chan struct{}), started: make(chan struct{}), cleaned: make(chan struct{}),
		inForce: map[string]bool{}, calls: map[codec.ID]*call{}, asked: map[codec.ID]chan codec.Message{},
		asking: make(chan struct{}, maxAsked),
	}
	if m.workers < maxOpenRequests {
		s.slots = make(chan struct{}, m.workers)
	}
	s.workers.do, s.workers.flush, s.workers.dirty = s.work, s.out.flush, s.out.unwritten.Load
	s.maxFrame.Store(codec.MaxFrameBytes)
	// The signal that ends the session is not the one that abandons the calls: what is left is decided by finish.
	s.base, s.abandon = context.WithCancel(context.WithoutCancel(ctx))
	return s, nil
}

func correlationID() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails, says its documentation
	return hex.EncodeToString(random[:])
}

// read takes everything that the hub writes, until the end.
func (s *session) read(in io.Reader) {
	buffer := make([]byte, readBytes)
	for {
		n, err := in.Read(buffer)
		s.received = time.Now()
		s.splitter.Feed(buffer[:n], func(line codec.Line) bool {
			message := codec.Read(line, s.splitter.MaxBytes)
			s.receive(&message)
			return true
		})
		s.workers.add(s.opened) // together, so that the first is not woken for each of them
		clear(s.opened)
		s.opened = s.opened[:0]
		if err != nil {
			return
		}
	}
}

func (s *session) receive(message *codec.Message) {
	switch message.Form {
	case codec.Request:
		s.receiveRequest(message)
	case codec.Notification:
		s.receiveNotification(message)
	case codec.Response, codec.ErrorResponse:
		s.receiveAnswer(message)
	case codec.Invalid:
		s.receiveInvalid(message)
	}
}

func (s *session) receiveRequest(message *codec.Message) {
	switch message.Method {
	case "ping":
		s.out.put(codec.WriteResult(message.ID, []byte("{}")))
	case "module_info":
		s.introduce(message)
	case "capabilities":
		s.describe(message)
	case "module_init":
		first := s.beginInit() // here, by the reader: a call on the next line must find it begun
		s.open(message, nil, func(c *call) { s.initialise(c, first) })
	case "module_cleanup":
		s.open(message, nil, s.cleanUp)
	default:
		do := s.module.handler(message.Method)
		if do == nil {
			s.refuse(message.ID, CodeMethodNotFound, "there is no function "+message.Method)
			return
		}
		s.open(message, do, nil)
	}
}

func (s *session) refuse(id codec.ID, code int64, reason string) {
	s.out.put(codec.WriteError(id, codec.ErrorObject{Code: code, Message: reason}))
}

func (s *session) receiveNotification(message *codec.Message) {
	if message.Method != "$/cancelRequest" {
		return // HUB-LIFE-6
	}
	for name, value := range codec.Members(message.Params) {
		if name != "id" {
			continue
		}
		if id, ok := codec.ReadID(value); ok {
			s.mu.Lock()
			c := s.calls[id]
			s.mu.Unlock()
			if c != nil {
				c.cancel(errCancelled)
			}
		}
	}
}

func (s *session) receiveAnswer(message *codec.Message) {
	s.mu.Lock()
	waiting := s.asked[message.ID]
	delete(s.asked, message.ID)
	s.mu.Unlock()
	if waiting == nil {
		s.log.Debug("an answer to nothing that is open was dropped", "id", message.ID.String()) // HUB-ID-4
		return
	}
	waiting <- *message
}

// receiveInvalid answers what cannot be read (HUB-ID-5), unless it was itself an answer or a notification.
func (s *session) receiveInvalid(message *codec.Message) {
	s.mu.Lock()
	waiting := s.asked[message.ID]
	_, open := s.calls[message.ID]
	if message.IsResponse {
		delete(s.asked, message.ID)
	}
	s.mu.Unlock()
	s.log.Warn("a message of the hub cannot be read", "reason", message.Reason, "id", message.ID.String())
	if message.IsResponse && waiting != nil {
		waiting <- *message
		return
	}
	// Half a frame without method and id may have been anything; JSON that is plainly an answer is not answered.
	isResponse := message.IsResponse && message.Code != CodeParseError
	if isResponse || message.IsNotification || open {
		return
	}
	s.refuse(message.ID, message.Code, "cannot read the message: "+message.Reason)
}

// offer is what the hub says about itself; its members are read one by one, so that a later hub may write them differently.
type offer struct {
	Versions      *[]json.RawMessage `json:"protocol_versions"`
	Features      []json.RawMessage  `json:"features"`
	MaxFrameBytes float64            `json:"max_frame_bytes"`
}

// introduce answers module_info (HUB-VER-1 to 3).
func (s *session) introduce(message *codec.Message) {
	var offer offer
	if err := (types.Binder{}).Bind(&offer, message.Params); err != nil {
		s.refuse(message.ID, CodeInvalidParams, "module_info: "+err.Error())
		return
	}
	if offer.Versions != nil && !offers(*offer.Versions, ProtocolVersion) {
		data, _ := types.Encode(map[string]any{"offered": *offer.Versions, "supported": []int{ProtocolVersion}}, 2)
		why := codec.ErrorObject{Code: CodeNoCommonVersion, Message: "there is no protocol version in common", Data: data}
		s.out.put(codec.WriteError(message.ID, why))
		if s.now() == fresh { // a module that runs for a hub does not end because of a strange question
			s.refuseOnce.Do(func() { close(s.refused) })
		}
		return
	}
	s.mu.Lock()
	for _, feature := range offer.Features {
		if codec.Kind(feature) == "string" {
			s.inForce[codec.Text(feature)] = true
		}
	}
	s.mu.Unlock()
	if limit := int(offer.MaxFrameBytes); limit > 0 {
		s.splitter.MaxBytes = limit
		s.maxFrame.Store(int64(limit))
	}
	s.out.put(codec.WriteResult(message.ID, s.info))
}

// describe answers capabilities. They are made anew each time, because functions may have been added (HUB-CAPS-8).
func (s *session) describe(message *codec.Message) {
	text, err := s.module.capabilities()
	if err != nil {
		s.log.Error("the capabilities cannot be sent", "error", err.Error())
		s.refuse(message.ID, CodeInternalError, "the module's capabilities cannot be sent; its log says why")
		return
	}
	s.out.put(codec.WriteResult(message.ID, text))
}

func offers(versions []json.RawMessage, wanted int64) bool {
	for _, version := range versions {
		if codec.Kind(version) == "number" {
			if n, ok := codec.Integer(version); ok && n == wanted {
				return true
			}
		}
	}
	return false
}

func (s *session) offered(feature string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inForce[feature]
}

// open begins a call: a function, or other work.
func (s *session) open(message *codec.Message, do handler, work func(*call)) {
	c := &call{
		session: s, id: message.ID, method: message.Method, params: message.Params, said: message.Context,
		received: s.received, do: do, work: work,
	}
	s.mu.Lock()
	_, twice := s.calls[c.id]
	full := len(s.calls) >= maxOpenRequests
	if !twice && !full {
		s.calls[c.id] = c
	}
	s.mu.Unlock()
	switch {
	case twice:
		// An answer would be taken for the answer to the first of the two.
		s.log.Warn("a request was dropped: its id is open already", "id", c.id.String())
	case full:
		s.refuse(c.id, CodeOverloaded, "too many calls are under way")
	default:
		s.opened = append(s.opened, c)
	}
}

// work does a call, in a goroutine of the workers.
func (s *session) work(c *call, buffer []byte) (rest []byte) {
	defer c.end()
	if c.do == nil {
		c.work(c)
		return buffer
	}
	return s.serve(c, buffer)
}

// waitForCalls returns when no call but except is open, or the time is over.
func (s *session) waitForCalls(except *call, within time.Duration) {
	s.mu.Lock()
	var open []<-chan struct{}
	for _, c := range s.calls {
		if c == except {
			continue
		}
		if c.gone == nil {
			c.gone = make(chan struct{})
		}
		open = append(open, c.gone)
	}
	s.mu.Unlock()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	for _, gone := range open {
		select {
		case <-gone:
		case <-deadline.C:
			return
		}
	}
}

// finish ends the session: nothing that a handler does can hold it up (HUB-LIFE-4).
func (s *session) finish(grace time.Duration) error {
	s.waitForCalls(nil, grace)
	s.out.stop() // calls under way are abandoned: what they say to that is no answer
	s.abandon()
	s.mu.Lock()
	ran := s.ran
	s.phase.Store(stopping)
	s.mu.Unlock()
	s.workers.stop()
	if ran {
		ctx, cancel := context.WithTimeout(context.Background(), endCleanupTime)
		defer cancel()
		s.runCleanup(ctx)
	}
	return s.out.close(endFlushTime)
}

func (s *session) now() int32 { return s.phase.Load() }

func (s *session) limit() int { return int(s.maxFrame.Load()) }
