// Command harbor-go-client calls a server through Harbor's Go SDK.
//
//	harbor-go-client OPERATION...
//
// It tells one story, in which everything that is read was made before, and checks the operations that are named. Each
// is one line, `ok ID` or `not ok ID: why`; the last line counts. The environment says where: HARBOR_URL,
// HARBOR_USERNAME and HARBOR_PASSWORD of an administrator, and HARBOR_IMAGE, `project/repository@digest` of an image
// that is there, that has a build history and that something refers to.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/goharbor/go-client/pkg/harbor"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	api, err := connect(os.Getenv("HARBOR_USERNAME"), os.Getenv("HARBOR_PASSWORD"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	s := newStory(ctx, api, os.Args[1:])
	s.system()
	s.project()
	s.metadata()
	s.users()
	s.members()
	s.removeUser()
	s.groups()
	s.robots()
	s.labels()
	s.artifacts()
	s.repositories()
	s.scanners()
	s.scans()
	s.scanAll()
	s.gc()
	s.records()
	s.removeLabel()
	s.removeArtifact()
	s.removeRepository()
	s.removeProject()
	if !s.end() {
		os.Exit(1)
	}
}

func connect(username, password string) (*client.HarborAPI, error) {
	set, err := harbor.NewClientSet(&harbor.ClientSetConfig{
		URL:      os.Getenv("HARBOR_URL"),
		Username: username,
		Password: password,
	})
	if err != nil {
		return nil, err
	}
	return set.V2(), nil
}
