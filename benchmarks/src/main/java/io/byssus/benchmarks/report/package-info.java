/**
 * From raw rounds to a table: which rounds are quoted, and how they are written down.
 *
 * <p>Pure functions of the figures; nothing here starts a process or looks at a clock.
 */
package io.byssus.benchmarks.report;
