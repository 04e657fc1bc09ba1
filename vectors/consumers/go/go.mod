// A module of its own, so that tests of Countersign do not run the unfilled test.
module example.com/inngest-signature

go 1.25 // testing/synctest, which sets the clock
