/**
 * jcstress tests of what is lock-free: {@code ./byssus test stress}.
 *
 * <p>May import everything. Each class is one race, with the outcomes that it may have.
 */
package io.byssus.stress;
