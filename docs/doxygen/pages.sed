# What Doxygen reads of a page.

# Its headings don't have GitHub's anchors before 1.9.7.
s/(\.md)#[a-z0-9-]*\)/\1)/g
s/\[([^][]*)\]\(#[a-z0-9-]*\)/\1/g
# Files that the site doesn't hold.
s/\[([^][]*)\]\((\.\.\/)?(bench|cmake|examples|include|ports|test_package|tests|tools|docs\/data|data|LICENSE|[a-z]+\.py)\b[^)]*\)/\1/g
