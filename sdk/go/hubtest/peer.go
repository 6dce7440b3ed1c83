// Owns the hub's end of the two pipes: requests out, answers and requests in; must not know what they mean.

package hubtest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

var errEnded = errors.New("the module ended")

// openCall is a call that the module has not answered yet.
type openCall struct {
	answered chan codec.Message
	account  string
}

// peer is the hub's end of the two pipes.
type peer struct {
	writing sync.Mutex
	to      io.Writer

	onRequest      func(codec.Message)
	onNotification func(codec.Message)

	mu    sync.Mutex
	last  int64
	open  map[codec.ID]openCall
	ended chan struct{}
}

func newPeer(to io.Writer, onRequest, onNotification func(codec.Message)) *peer {
	return &peer{to: to, onRequest: onRequest, onNotification: onNotification, open: map[codec.ID]openCall{}, ended: make(chan struct{})}
}

func (p *peer) read(from io.Reader) {
	defer close(p.ended)
	splitter := codec.Splitter{MaxBytes: codec.MaxFrameBytes}
	buffer := make([]byte, 64*1024)
	for {
		n, err := from.Read(buffer)
		splitter.Feed(buffer[:n], func(line codec.Line) bool {
			p.receive(codec.Read(line, codec.MaxFrameBytes))
			return true
		})
		if err != nil {
			return
		}
	}
}

func (p *peer) receive(message codec.Message) {
	switch message.Form {
	case codec.Request:
		go p.onRequest(message)
	case codec.Notification:
		p.onNotification(message)
	default:
		p.mu.Lock()
		waiting, open := p.open[message.ID]
		delete(p.open, message.ID)
		p.mu.Unlock()
		if open {
			waiting.answered <- message
		}
	}
}

func (p *peer) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

func (p *peer) write(frame []byte) {
	p.writing.Lock()
	defer p.writing.Unlock()
	_, _ = p.to.Write(frame) // a module that ended is noticed by the reader
}

func (p *peer) call(ctx context.Context, method string, params any, given *hub.CallContext) (json.RawMessage, error) {
	text, err := types.Encode(params, 1)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.last++
	id := codec.IntegerID(p.last)
	answered := make(chan codec.Message, 1)
	p.open[id] = openCall{answered, accountOf(given)}
	p.mu.Unlock()
	frame := codec.WriteRequest(id, method, text)
	if given != nil {
		context, err := types.Encode(given, 1)
		if err != nil {
			return nil, err
		}
		frame = append(append(append(frame[:len(frame)-len("}\n")], `,"context":`...), context...), "}\n"...)
	}
	p.write(frame)
	select {
	case answer := <-answered:
		return read(answer)
	case <-p.ended:
		return nil, errEnded
	case <-ctx.Done():
		p.write(codec.WriteNotification("$/cancelRequest", append(append([]byte(`{"id":`), id.JSON()...), '}')))
		return nil, ctx.Err()
	}
}

// accountOf returns the account of a call, "default" where none is named (HUB-CRED-1).
func accountOf(given *hub.CallContext) string {
	if given == nil || given.Profile == "" {
		return "default"
	}
	return given.Profile
}

func read(answer codec.Message) (json.RawMessage, error) {
	switch answer.Form {
	case codec.Response:
		return answer.Result, nil
	case codec.ErrorResponse:
		e := hub.NewError(answer.Error.Code, answer.Error.Message, nil)
		if answer.Error.Data != nil {
			e.Data = answer.Error.Data
		}
		return nil, e
	}
	return nil, errors.New("the answer cannot be read: " + answer.Reason)
}
