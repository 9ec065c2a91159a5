# cmake -DBESOM=… -DFOLDER=… -P ManPages.cmake: writes besom.1 and a page a subcommand.
execute_process(COMMAND ${BESOM} help OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\n  [a-z]+ " names "${help}")
file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${BESOM} help --man
  OUTPUT_FILE ${FOLDER}/besom.1 COMMAND_ERROR_IS_FATAL ANY)
foreach(name ${names})
  string(STRIP "${name}" name)
  execute_process(COMMAND ${BESOM} help --man ${name}
    OUTPUT_FILE ${FOLDER}/besom-${name}.1 COMMAND_ERROR_IS_FATAL ANY)
endforeach()
