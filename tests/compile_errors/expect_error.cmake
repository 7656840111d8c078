# cmake -DCOMPILER=... -DFLAGS=<flag>;... -DSOURCE=... -DMESSAGE=<text> -DWRONG=<flag>;... -P
#
# Compiles the source twice: as it is, which must succeed, and with the flags in WRONG, which must
# fail with MESSAGE in the diagnostics. The first shows that the second failed for that reason.

execute_process(COMMAND ${COMPILER} ${FLAGS} -fsyntax-only ${SOURCE}
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "${SOURCE} should compile without ${WRONG}:\n${output}")
endif()

execute_process(COMMAND ${COMPILER} ${FLAGS} ${WRONG} -fsyntax-only ${SOURCE}
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(status EQUAL 0)
    message(FATAL_ERROR "${SOURCE} should not compile with ${WRONG}, but does")
endif()
string(FIND "${output}" "${MESSAGE}" position)
if(position EQUAL -1)
    message(FATAL_ERROR "with ${WRONG} the diagnostics lack '${MESSAGE}':\n${output}")
endif()
message(STATUS "refused with ${WRONG}, saying '${MESSAGE}'")
