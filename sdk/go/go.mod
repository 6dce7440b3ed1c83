module github.com/hub-plugins/hub/sdk/go

go 1.25
