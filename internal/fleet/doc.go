// Package fleet holds campaigns to their promises with real processes: killed at any
// point, several at a time, over many repositories. Its tests take some seconds;
// "make fleet" gives them the numbers that are promised.
package fleet
