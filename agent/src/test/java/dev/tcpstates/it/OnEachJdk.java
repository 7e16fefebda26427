// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A test with a {@link Jdk} as its argument, run for each that {@link Jdk#all} returns: side by
 * side and beside the other tests of its class, unless the class is {@code @Isolated}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@Execution(ExecutionMode.CONCURRENT)
@MethodSource("dev.tcpstates.it.Jdk#all")
@interface OnEachJdk {}
