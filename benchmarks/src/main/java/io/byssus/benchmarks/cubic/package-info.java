/**
 * Our congestion control beside the kernel's CUBIC, over the same link code: the kernel's through
 * two TAP devices in real time, ours in virtual time.
 */
package io.byssus.benchmarks.cubic;
