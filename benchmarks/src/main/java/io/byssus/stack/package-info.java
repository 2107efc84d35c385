/** Benchmarks and races that need to see the inside of the native stack. */
package io.byssus.stack;
