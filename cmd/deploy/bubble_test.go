package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"
)

// inBubble is the command with the machine's clock replaced: its time goes on when it waits, and then at once (testing/synctest). It begins
// at the simulated account's present, and its identifiers are the same in each run.
func inBubble() {
	args := os.Args[1:]
	os.Args = os.Args[:1] // the testing package reads them as its own
	begin, found := present(os.Getenv(endpointVariable))
	if found {
		relay(os.Getenv(endpointVariable))
	}
	testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "deploy", F: func(t *testing.T) {
		cryptotest.SetGlobalRandom(t, uint64(begin.UnixNano()))
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(begin))
			os.Exit(run(context.Background(), args, os.Stdin, os.Stdout, os.Stderr))
		})
	}}}, nil, nil)
}

const endpointVariable = "AWS_ENDPOINT_URL"

// present is the time of the account behind an address, and a fixed one where nobody answers.
func present(endpoint string) (now time.Time, found bool) {
	if answer, err := http.Head(endpoint + timePath); err == nil {
		defer answer.Body.Close()
		if now, err = time.Parse(time.RFC3339Nano, answer.Header.Get(timeHeader)); err == nil {
			return now, true
		}
	}
	return time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC), false
}

// relay holds answers back until their requests have left net/http altogether. The SDK closes a request's body when the answer begins; where
// net/http is not yet done with that body it then closes the connection, and what is beyond the first 4 KB of the answer is lost and asked
// for again: seldom on a network, often on one machine, and a retry takes time that a transcript shows.
func relay(endpoint string) {
	address, err := url.Parse(endpoint)
	if err != nil {
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			go pass(from, address.Host)
		}
	}()
	if err := os.Setenv(endpointVariable, "http://"+listener.Addr().String()); err != nil {
		panic(err)
	}
}

// pass carries one request and its answer, after which the server closes the connection.
func pass(from net.Conn, to string) {
	defer from.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(server, from) }()
	answer, _ := io.ReadAll(server) // half of one is passed on as half of one
	for stacks := make([]byte, 1<<20); strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "net/http.(*Request).write("); {
		runtime.Gosched()
	}
	_, _ = from.Write(answer)
}
