// Owns the benchmark's work: tasks come in as lines, so many goroutines make calls for so long, each answer is checked.

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Item is one server of a list.
type Item struct {
	ID      int64
	Name    string
	Region  string
	Memory  int64
	Running bool
}

type service interface {
	Add(a, b int64) (int64, error)
	EchoText(text string) (string, error)
	EchoItems(items []Item) ([]Item, error)
}

type task struct {
	Work     string  `json:"work"`
	InFlight int     `json:"in_flight"`
	Seconds  float64 `json:"seconds"`
	Size     int     `json:"size"`
}

const (
	letters  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	lineSize = 80
)

func work(s service, in io.Reader, out io.Writer) error {
	if sum, err := s.Add(1, 2); err != nil || sum != 3 {
		return fmt.Errorf("the first call failed: %d, %w", sum, err)
	}
	fmt.Fprintln(out, `{"ready":true}`)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var given task
		if err := json.Unmarshal(lines.Bytes(), &given); err != nil {
			return err
		}
		call, err := callOf(s, given)
		if err != nil {
			return err
		}
		if _, _, err := run(call, given.InFlight, given.Seconds/5); err != nil {
			return err
		}
		calls, took, err := run(call, given.InFlight, given.Seconds)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "{\"calls\":%d,\"seconds\":%.9f}\n", calls, took)
	}
	return nil
}

func run(call func(int64) error, inFlight int, seconds float64) (int64, float64, error) {
	var calls atomic.Int64
	var group sync.WaitGroup
	errs := make(chan error, inFlight)
	begun := time.Now()
	end := begun.Add(time.Duration(seconds * float64(time.Second)))
	for range inFlight {
		group.Go(func() {
			for {
				if err := call(calls.Add(1)); err != nil {
					errs <- err
					return
				}
				if !time.Now().Before(end) {
					return
				}
			}
		})
	}
	group.Wait()
	took := time.Since(begun).Seconds()
	select {
	case err := <-errs:
		return 0, 0, err
	default:
		return calls.Load(), took, nil
	}
}

// Every second payload begins differently, so that an old answer cannot pass for a new one.
func callOf(s service, given task) (func(int64) error, error) {
	switch given.Work {
	case "add":
		return func(number int64) error {
			return checked(s.Add(number, 3*number+1))(func(sum int64) bool { return sum == 4*number+1 })
		}, nil
	case "text":
		texts := [2]string{text(given.Size, 'A'), text(given.Size, 'B')}
		return func(number int64) error {
			wanted := texts[number%2]
			return checked(s.EchoText(wanted))(func(answer string) bool { return answer == wanted })
		}, nil
	case "items":
		lists := [2][]Item{list(given.Size, "A"), list(given.Size, "B")}
		return func(number int64) error {
			wanted := lists[number%2]
			return checked(s.EchoItems(wanted))(func(answer []Item) bool { return slices.Equal(answer, wanted) })
		}, nil
	}
	return nil, fmt.Errorf("unknown work %q", given.Work)
}

func checked[T any](answer T, err error) func(func(T) bool) error {
	return func(right func(T) bool) error {
		if err == nil && !right(answer) {
			return fmt.Errorf("a wrong answer")
		}
		return err
	}
}

func text(size int, first byte) string {
	made := make([]byte, size)
	for i := range made {
		made[i] = letters[i*7%len(letters)]
		if i%lineSize == lineSize-1 {
			made[i] = '\n'
		}
	}
	if size > 0 {
		made[0] = first
	}
	return string(made)
}

func list(size int, region string) []Item {
	made := make([]Item, size)
	for i := range made {
		made[i] = Item{int64(i), fmt.Sprintf("server-%d", i), region, int64(i % 64), i%2 == 0}
	}
	return made
}
