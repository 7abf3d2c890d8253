module github.com/tierform/tierform

go 1.26

require (
	github.com/awslabs/goformation/v7 v7.14.9 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/rogpeppe/go-internal v1.16.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
