/** The servers that the native stack and the posix stack are compared with. */
package io.byssus.benchmarks.stack;
