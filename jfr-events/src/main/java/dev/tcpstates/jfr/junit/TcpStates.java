// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/**
 * Records the TCP connections of a test, or of each test of a class, and gives them to the test:
 *
 * <pre>{@code
 * @TcpStates
 * class ShopTest {
 *   @Test
 *   void buysOverOneConnection(TcpConnections tcp) {
 *     shop.buy(100);
 *     shop.close();
 *     assertThat(tcp.outgoing()).connectsAtMost(1).leavesNoSocketOpen().hasNoResets();
 *   }
 * }
 * }</pre>
 *
 * <p>The JVM must have been started with {@code -javaagent:tcpstates-agent.jar}. Where the agent is
 * missing or can't work, the test says why and is skipped. With {@code CI=true} in the environment
 * it fails, for a pipeline must not be green because nothing was looked at.
 *
 * <p>The recording lasts from before the {@code @BeforeEach} methods until after the
 * {@code @AfterEach} methods, and holds the agent's events only, unless another recording of this
 * JVM wants more. If the test fails, it is kept as {@code <class>.<method>.jfr} beside the test
 * reports, and the failure names the file.
 *
 * <p>These configuration parameters of JUnit, which can also be system properties, tell otherwise:
 *
 * <ul>
 *   <li>{@code junit.tcpstates.reports}: the folder for recordings that are kept. Otherwise {@code
 *       target/surefire-reports} or {@code build/test-results}, whichever build folder there is, or
 *       else the working directory.
 *   <li>{@code junit.tcpstates.keep}: {@code failed} (the default), {@code always} or {@code
 *       never}.
 *   <li>{@code junit.tcpstates.required}: what a test needs to be recorded, or it fails: {@code
 *       exact} (or {@code true}) every transition; {@code sampled} at least an agent that polls the
 *       sockets; {@code false} nothing: it is skipped. Otherwise {@code exact} if the environment
 *       has {@code CI=true}, and {@code false} if not. With {@code sampled} and {@code false}, a
 *       test also runs where the agent polls; an assertion that can't be proven there fails the
 *       test with {@code sampled} and skips it with {@code false}.
 * </ul>
 *
 * <h2>Which connections are the test's</h2>
 *
 * Those of this JVM whose first transition comes after the {@code @BeforeEach} methods (or after
 * {@link TcpConnections#fromNow()}), in whatever thread. Of a connection, the kernel does not know
 * for which test it is; so no other test of this JVM runs at the same time, even where JUnit runs
 * tests in parallel: the annotation locks JUnit's global resource, as {@code @Isolated} does. What
 * threads that an earlier test left running open meanwhile does count; {@link
 * TcpConnections#openedFrom} and {@link TcpConnections#toPort} leave it out. A test that must run
 * beside others takes {@code @ExtendWith(TcpStatesExtension.class)} instead, and sees their
 * connections too.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(TcpStatesExtension.class)
@ResourceLock(Resources.GLOBAL)
public @interface TcpStates {}
