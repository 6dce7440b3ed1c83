module bench/module

go 1.25

require github.com/hub-plugins/hub/sdk/go v0.0.0

replace github.com/hub-plugins/hub/sdk/go => ../../../../sdk/go
