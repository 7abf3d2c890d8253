module github.com/tierform/tierform/test/runtime

go 1.26.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/tierform/tierform v0.0.0
	golang.org/x/net v0.62.0
	golang.org/x/sys v0.49.0
)

require gopkg.in/yaml.v3 v3.0.1

replace github.com/tierform/tierform => ../..
