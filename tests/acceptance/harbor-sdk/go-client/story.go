package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

const (
	projectName    = "workshop"
	repositoryName = "team/copy"
	userName       = "wilma"
)

// story is what the chapters share: the client, and what earlier chapters have made.
type story struct {
	ctx    context.Context
	api    *client.HarborAPI
	asked  []string
	told   map[string]bool
	passed int

	image     string // the image that was there: project/repository@digest
	digest    string
	projectID int64
	userID    int64
	labelID   int64
}

func newStory(ctx context.Context, api *client.HarborAPI, asked []string) *story {
	image := os.Getenv("HARBOR_IMAGE")
	_, digest, _ := strings.Cut(image, "@")
	return &story{ctx: ctx, api: api, asked: asked, told: map[string]bool{}, image: image, digest: digest}
}

// check calls an operation and prints how it went. One that was not asked for is left out.
func (s *story) check(id string, call func() error) {
	for _, asked := range s.asked {
		if asked == id {
			s.print(id, attempt(call))
		}
	}
}

func (s *story) print(id string, err error) {
	s.told[id] = true
	if err != nil {
		fmt.Printf("not ok %s: %s\n", id, explain(err))
		return
	}
	s.passed++
	fmt.Printf("ok %s\n", id)
}

// end says what the story has left out, counts, and tells whether all was well.
func (s *story) end() bool {
	for _, id := range s.asked {
		if !s.told[id] {
			s.print(id, errors.New("not called: the story has to be told with this operation too"))
		}
	}
	fmt.Printf("%d of %d operations\n", s.passed, len(s.asked))
	return s.passed == len(s.asked)
}

// attempt takes an answer that lacks a part for a failure of this operation, not of the whole story.
func attempt(call func() error) (err error) {
	defer func() {
		if missing := recover(); missing != nil {
			err = fmt.Errorf("the answer is incomplete: %v", missing)
		}
	}()
	return call()
}

var memoryAddress = regexp.MustCompile(` +&\{[^}]*\}`)

// explain puts what the server wrote into an error of the SDK, which has only an address in memory.
func explain(err error) string {
	text := memoryAddress.ReplaceAllString(strings.ReplaceAll(err.Error(), "\n", "; "), "")
	var refusal interface{ GetPayload() *models.Errors }
	if errors.As(err, &refusal) && refusal.GetPayload() != nil {
		for _, item := range refusal.GetPayload().Errors {
			text += fmt.Sprintf(" (%s: %s)", item.Code, item.Message)
		}
	}
	return text
}

// refused expects an operation to fail with the SDK's error E, which stands for one declared status.
func refused[E error](err error) error {
	if expected := *new(E); errors.As(err, &expected) {
		return nil
	}
	return fmt.Errorf("expected %T, got: %w", *new(E), orNothing(err))
}

func orNothing(err error) error {
	if err == nil {
		return errors.New("no error")
	}
	return err
}

func same[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s is %v, not %v", what, got, want)
	}
	return nil
}

func holds(what string, truth bool) error {
	if !truth {
		return fmt.Errorf("it does not hold that %s", what)
	}
	return nil
}

// idIn reads the id of something new from the Location header that tells where it is.
func idIn(location string) (int64, error) {
	if !strings.HasPrefix(location, "/api/v2.0/") {
		return 0, fmt.Errorf("location %q is not a path of the API", location)
	}
	return strconv.ParseInt(location[strings.LastIndex(location, "/")+1:], 10, 64)
}

func ptr[T any](value T) *T { return &value }
