package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
)

// spec is the part of the service specification the schema is made from.
type spec struct {
	resources   map[string]entity // by CloudFormation type name
	definitions map[string]entity // nested types, by the specification's own id
}

// entity is a resource type or a nested type of one.
type entity struct {
	ID         string           `json:"$id"`
	Type       string           `json:"cloudFormationType"` // resource types only
	Name       string           `json:"name"`
	Attributes map[string]field `json:"attributes"` // resource types only
	Properties map[string]field `json:"properties"`
}

// field is an attribute or a property. The specification also carries earlier
// and deprecated types; CloudFormation accepts the current one, so only that
// is read.
type field struct {
	Type     fieldType `json:"type"`
	Required bool      `json:"required"`
	Replaces string    `json:"causesReplacement"` // yes, maybe, no
}

// fieldType is the specification's type expression.
type fieldType struct {
	Type      string      `json:"type"`
	Element   *fieldType  `json:"element"` // of an array or map
	Types     []fieldType `json:"types"`   // of a union
	Reference struct {
		ID string `json:"$ref"`
	} `json:"reference"` // of a ref
}

// known reports whether the specification has a resource type.
func (s *spec) known(name string) bool {
	_, ok := s.resources[name]
	return ok
}

// readSpec reads the database from the npm package or from the db.json.gz it
// contains. The version, which ends up in the output as its source, is checked
// wherever the package is there to state its own.
func readSpec(file, version string) (*spec, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading the specification: %w", err)
	}
	defer f.Close()
	s, err := parseSpec(f, version)
	if err != nil {
		return nil, fmt.Errorf("specification %s: %w", file, err)
	}
	return s, nil
}

// parseSpec tells the two inputs apart by content rather than by file name:
// once decompressed, the database starts with a brace and a package does not.
func parseSpec(r io.Reader, version string) (*spec, error) {
	zr, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("want a gzip file, the .tgz package or its db.json.gz: %w", err)
	}
	br := bufio.NewReader(zr)
	first, err := br.Peek(1)
	if err != nil {
		return nil, fmt.Errorf("want a .tgz package or a db.json.gz with content: %w", err)
	}
	if first[0] == '{' {
		return decodeDatabase(br)
	}
	return parsePackage(tar.NewReader(br), version)
}

// parsePackage finds the database in the npm package, and the package.json
// that tells its version.
func parsePackage(tr *tar.Reader, version string) (*spec, error) {
	var s *spec
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("want a tar archive inside the .tgz: %w", err)
		}
		switch path.Clean(h.Name) {
		case "package/package.json":
			err = checkVersion(tr, version)
		case "package/db.json.gz":
			s, err = inflateDatabase(tr)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", h.Name, err)
		}
	}
	if s == nil {
		return nil, errors.New("no package/db.json.gz: want the npm package @aws-cdk/aws-service-spec")
	}
	return s, nil
}

// checkVersion refuses a package whose own version is not the given one.
func checkVersion(r io.Reader, version string) error {
	var p struct {
		Version string `json:"version"`
	}
	if err := json.NewDecoder(r).Decode(&p); err != nil {
		return fmt.Errorf("reading the package's version: %w", err)
	}
	if p.Version != version {
		return fmt.Errorf("the package is version %q but --version is %q: want them equal", p.Version, version)
	}
	return nil
}

// inflateDatabase decodes a gzipped database.
func inflateDatabase(r io.Reader) (*spec, error) {
	zr, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("want a gzip file: %w", err)
	}
	return decodeDatabase(zr)
}

// decodeDatabase reads the two tables the schema needs and indexes them.
func decodeDatabase(r io.Reader) (*spec, error) {
	var db struct {
		Schema struct {
			Resource       struct{ Entities []entity } `json:"resource"`
			TypeDefinition struct{ Entities []entity } `json:"typeDefinition"`
		} `json:"schema"`
	}
	if err := json.NewDecoder(r).Decode(&db); err != nil {
		return nil, fmt.Errorf("decoding the database: %w", err)
	}
	s := &spec{resources: map[string]entity{}, definitions: map[string]entity{}}
	for _, e := range db.Schema.Resource.Entities {
		s.resources[e.Type] = e
	}
	for _, e := range db.Schema.TypeDefinition.Entities {
		s.definitions[e.ID] = e
	}
	if len(s.resources) == 0 {
		return nil, errors.New("the database has no resource types: want a table schema.resource.entities")
	}
	return s, nil
}
