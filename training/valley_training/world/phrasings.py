"""The ways in which each question is asked."""

from __future__ import annotations

THINGS = (
    "What is in the clip?",
    "What is in the video?",
    "What do you see?",
    "What can you see?",
    "What can you see in this clip?",
    "What things are there?",
    "Which things are in the clip?",
    "What is there?",
    "What appears in the clip?",
    "What is shown?",
    "Name the things.",
    "List the things you see.",
    "Who is in the clip?",
)
DESCRIPTION = (
    "Describe the clip.",
    "Describe this clip.",
    "describe this clip",
    "Describe the video.",
    "Describe what happens.",
    "Describe it.",
    "What happens in the clip?",
    "What happens?",
    "What is going on?",
    "What is happening here?",
    "Tell me about the clip.",
    "Tell me what you see.",
    "Summarise the clip.",
    "What is this clip about?",
)
MOTION = (
    "Where does the {thing} move?",
    "Where does the {thing} go?",
    "Which way does the {thing} move?",
    "Which way does the {thing} go?",
    "In which direction does the {thing} move?",
    "How does the {thing} move?",
    "What does the {thing} do?",
    "Where is the {thing} going?",
    "Does the {thing} move?",
    "Which direction is the {thing} moving?",
)
MOTION_MANY = (
    "Where do the {things} move?",
    "Where do the {things} go?",
    "Which way do the {things} move?",
    "In which direction do the {things} move?",
    "How do the {things} move?",
    "What do the {things} do?",
    "Do the {things} move?",
    "Where do they go?",
    "Which way do they move?",
)
MOTION_IT = (
    "Where does it move?",
    "Where does it go?",
    "Which way does it move?",
    "What does it do?",
    "How does it move?",
)
AND_THE = ("And the {thing}?", "What about the {thing}?", "and the {thing}", "How about the {thing}?")
COUNT = (
    "How many things are there?",
    "How many things are in the clip?",
    "How many things do you see?",
    "How many are there?",
    "Count the things.",
    "How many things can you count?",
    "How many stickers are there?",
)
COUNT_OF = (
    "How many {things} are there?",
    "How many {things} are in the clip?",
    "How many {things} do you see?",
    "Count the {things}.",
)
FIRST = (
    "What came first?",
    "What comes first?",
    "What appears first?",
    "What appeared first?",
    "Which thing came first?",
    "What was there first?",
    "What do you see first?",
    "Which one came first?",
)
LAST = (
    "What came last?",
    "What comes last?",
    "What appears last?",
    "Which thing came last?",
    "What was the last thing to appear?",
)
ORDER = (
    "In what order do they appear?",
    "In which order do they come?",
    "In what order did they come?",
    "What is the order of the things?",
)
AFTER = ("What came after the {thing}?", "What comes after the {thing}?", "What appears after the {thing}?")
PRESENCE = (
    "Is there {a_thing}?",
    "Is there {a_thing} in the clip?",
    "Do you see {a_thing}?",
    "Can you see {a_thing}?",
    "Does {a_thing} appear?",
    "Is {a_thing} in the video?",
)
SETTING = (
    "Where is it?",
    "Where are they?",
    "Where does it take place?",
    "Where does this happen?",
    "What is the setting?",
    "What is the background?",
    "What is in the background?",
    "Where are we?",
)
SMALL_TALK = (
    ("Hello!", "Hello! Ask me about the clip."),
    ("Hi", "Hello! Ask me about the clip."),
    ("Who are you?", "I am Valley. I look at clips of stickers and answer questions about them."),
    ("What are you?", "I am Valley. I look at clips of stickers and answer questions about them."),
    ("What can you do?", "I can say what is in a clip, where it moves, how many there are and what came first."),
    ("Help", "I can say what is in a clip, where it moves, how many there are and what came first."),
    ("Thank you!", "You are welcome."),
    ("Thanks", "You are welcome."),
)
BEYOND = (
    "What is the weather tomorrow?",
    "Who won the game?",
    "What do they say?",
    "What is the music?",
    "Who made this clip?",
    "Why do they do that?",
    "What is the capital of France?",
    "Write me a poem.",
    "Tell me a joke.",
    "How old are they?",
    "What will happen next?",
    "What time is it?",
    "How much does it cost?",
    "Who is the president?",
    "Can you book a flight?",
    "What does the text say?",
    "What language is spoken?",
    "What is her name?",
)
BEYOND_ANSWER = "I can only say what I see in the clip."
