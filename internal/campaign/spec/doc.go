// Package spec reads what a campaign is: the file campaign.yaml, and the ceiling
// that an operator puts over all campaigns.
//
// Invariants: both files are strict, and what is wrong has its line and column. A
// default is set in Parse and nowhere else. A ceiling only ever takes away.
package spec
