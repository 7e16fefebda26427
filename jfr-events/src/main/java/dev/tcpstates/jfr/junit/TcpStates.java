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
 * <p>The JVM must have been started with {@code -javaagent:tcpstates-agent.jar}. If the agent is
 * missing or can't work, the test is skipped with the reason. With {@code CI=true} in the
 * environment it fails, because a pipeline must not pass without having checked anything.
 *
 * <p>The recording lasts from before the {@code @BeforeEach} methods until after the
 * {@code @AfterEach} methods, and holds the agent's events only, unless another recording of this
 * JVM enables more. If the test fails, it is kept as {@code <class>.<method>.jfr} beside the test
 * reports, and the failure names the file.
 *
 * <p>JUnit's configuration parameters, which can also be system properties, change this:
 *
 * <ul>
 *   <li>{@code junit.tcpstates.reports}: the folder for recordings that are kept. Default: {@code
 *       target/surefire-reports} if there is a folder {@code target}, {@code build/test-results} if
 *       there is {@code build}, or else the working directory.
 *   <li>{@code junit.tcpstates.keep}: {@code failed} (the default), {@code always} or {@code
 *       never}.
 *   <li>{@code junit.tcpstates.required}: what must be recorded, or else a test fails: {@code
 *       exact} (or {@code true}) every transition; {@code sampled} at least an agent that polls the
 *       sockets; {@code false} nothing: the test is skipped. Default: {@code exact} if the
 *       environment has {@code CI=true}, or else {@code false}. With {@code sampled} and {@code
 *       false}, a test also runs if the agent polls; an assertion that can't be proven then fails
 *       the test with {@code sampled} and skips it with {@code false}.
 * </ul>
 *
 * <h2>The sockets of a test</h2>
 *
 * A test's sockets are those of this JVM whose first transition comes after the {@code @BeforeEach}
 * methods (or after {@link TcpConnections#fromNow()}), in any thread. The kernel does not know
 * which test a connection belongs to. So no other test of this JVM runs at the same time, even if
 * JUnit runs tests in parallel: the annotation locks JUnit's global resource, as {@code @Isolated}
 * does. Connections of threads that an earlier test left running are included; {@link
 * TcpConnections#openedFrom} and {@link TcpConnections#toPort} exclude them. A test that must run
 * beside others uses {@code @ExtendWith(TcpStatesExtension.class)} instead, and sees their
 * connections too.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(TcpStatesExtension.class)
@ResourceLock(Resources.GLOBAL)
public @interface TcpStates {
  /** What a recording, and {@link TcpConnections}, is about. */
  enum Scope {
    /** Each test by itself. */
    TEST,

    /** All tests of the class, with its {@code @BeforeAll} and {@code @AfterAll} methods. */
    CLASS
  }

  /**
   * {@link Scope#CLASS}, on a class only: one recording for all its tests and nested classes, for
   * instance for what only shows after all of them. {@link TcpConnections} then has the sockets of
   * all tests so far, and is also a parameter of {@code @BeforeAll} and {@code @AfterAll} methods.
   * The recording is kept if any of the tests fails.
   */
  Scope scope() default Scope.TEST;
}
