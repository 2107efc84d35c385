/**
 * What the tests of several modules share: waiting for conditions, JVMs and networks of a test's
 * own, seeds, dumps at time-outs, the C compiler's word. It is on their class path and sees the JDK
 * and JUnit only, so that the tests of every module can use it.
 */
package io.byssus.testing;
