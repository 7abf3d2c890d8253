module github.com/tierform/tierform/bench

go 1.26.0

require (
	github.com/awslabs/goformation/v7 v7.14.9
	github.com/tierform/tierform v0.0.0
	gopkg.in/yaml.v3 v3.0.1
)

replace github.com/tierform/tierform => ../
